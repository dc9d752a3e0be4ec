package dev.reverb.server.config;

import dev.reverb.server.app.WebhookEndpoint;
import dev.reverb.server.config.ConfigNode.Mapping;
import dev.reverb.server.config.ConfigNode.Scalar;
import dev.reverb.server.config.ConfigNode.Sequence;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads an application's {@code webhooks:} list. */
final class WebhookReader {
    /** The types of events that there are, as hosted Pusher names them. */
    static final Set<String> EVENTS = new TreeSet<>(Set.of("channel_occupied", "channel_vacated", "member_added",
            "member_removed", "client_event", "cache_miss", "subscription_count"));

    static final Setting<URI> URL = Setting.optional("url", "",
            SettingType.parsed("an http or https address", WebhookReader::address),
            "Where the events are sent to. Required.");
    static final Setting<List<String>> TYPES = Setting.of("events", "",
            SettingType.listOf(SettingType.parsed("", WebhookReader::event), "a list of " + String.join(", ", EVENTS)),
            "", "The types of events wanted; unset, all.");
    static final Setting<String> CHANNEL_PREFIX = Setting.of("channel_prefix", "",
            SettingType.text(Pattern.compile("\\S{0,200}"), "up to 200 characters of a channel name"), "",
            "Only events of channels whose names start so.");
    static final List<Setting<?>> ALL = List.of(URL, TYPES, CHANNEL_PREFIX);

    private static final String HEADERS = "headers";
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    private WebhookReader() {}

    /**
     * @param owner the application, such as {@code apps[0]}
     * @throws SettingsException for a key or value that is not allowed
     */
    static List<WebhookEndpoint> read(String file, String owner, Mapping app) {
        ConfigNode node = app.entries().get(AppSettings.WEBHOOKS);
        return switch (node) {
            case null -> List.of();
            case Scalar(String text, int _) when text.isEmpty() -> List.of();
            case Sequence sequence -> {
                List<WebhookEndpoint> endpoints = new ArrayList<>();
                for (ConfigNode item : sequence.items()) {
                    String name = owner + "." + AppSettings.WEBHOOKS + "[" + endpoints.size() + "]";
                    endpoints.add(endpoint(file, name, item));
                }
                yield List.copyOf(endpoints);
            }
            case Scalar _,Mapping _ -> throw new SettingsException(owner + "." + AppSettings.WEBHOOKS + " (" + file
                    + ":" + node.line() + "): a list is expected, each with a url");
        };
    }

    private static WebhookEndpoint endpoint(String file, String name, ConfigNode item) {
        Given given = new Given();
        Map<String, String> headers = new LinkedHashMap<>();
        switch (item) {
            case Mapping mapping -> {
                new FileKeys(file, ALL, Set.of(HEADERS)).read(mapping, name + ".", given);
                ConfigNode node = mapping.entries().get(HEADERS);
                if (node instanceof Mapping values) {
                    values.entries().forEach((header, value) -> headers.put(header, header(file, name, header, value)));
                } else if (node != null) {
                    throw new SettingsException(name + "." + HEADERS + " (" + file + ":" + node.line()
                            + "): header names with their values are expected");
                }
            }
            case Scalar scalar -> given.put(URL, scalar, name + " (" + file + ":" + scalar.line() + ")");
            case Sequence sequence -> throw new SettingsException(
                    name + " (" + file + ":" + sequence.line() + "): a webhook with a url is expected");
        }
        URI url = given.find(URL)
                .orElseThrow(() -> new SettingsException(name + " (" + file + ":" + item.line() + "): url is missing"));
        return new WebhookEndpoint(url, given.get(TYPES), given.get(CHANNEL_PREFIX), headers);
    }

    private static String header(String file, String name, String header, ConfigNode value) {
        String place = name + "." + HEADERS + "." + header + " (" + file + ":" + value.line() + ")";
        if (!HEADER_NAME.matcher(header).matches()) {
            throw new SettingsException(place + ": this is not a header name");
        }
        if (value instanceof Scalar(String text, int _) && text.chars().noneMatch(c -> c < ' ' || c == 127)) {
            return text;
        }
        throw new SettingsException(place + ": the value is not allowed; allowed is text in one line");
    }

    private static URI address(String text) {
        URI uri = URI.create(text);
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException(text);
        }
        return uri;
    }

    private static String event(String text) {
        if (!EVENTS.contains(text)) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }
}
