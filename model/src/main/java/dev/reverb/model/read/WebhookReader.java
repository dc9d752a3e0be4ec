package dev.reverb.model.read;

import dev.reverb.model.AppCatalogue;
import dev.reverb.model.UriAuthority;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.ConfigNode.Sequence;
import dev.reverb.model.setting.FileKeys;
import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.Place;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingProblem;
import dev.reverb.model.setting.SettingType;
import dev.reverb.model.setting.Shown;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Reads an application's {@code webhooks:} list. */
public final class WebhookReader {
    /** The types of events that there are, as hosted Pusher names them. */
    public static final Set<String> EVENTS = new TreeSet<>(
            Set.of("channel_occupied", "channel_vacated", "member_added", "member_removed", "client_event",
                    "cache_miss", "subscription_count", "connection_opened", "connection_closed", "connection_pruned"));

    static final Setting<URI> URL = Setting.optional("url", "",
            SettingType.parsed("an http or https address", WebhookReader::address),
            "Where the events are sent to. Required.");
    static final Setting<List<String>> TYPES = Setting.of("events", "",
            SettingType.listOf(SettingType.oneOf(EVENTS), "a list of " + String.join(", ", EVENTS)), "",
            "The types of events wanted; unset, all but those of connections.");
    static final Setting<String> CHANNEL_PREFIX = Setting.of("channel_prefix", "",
            SettingType.text(Pattern.compile("\\S{0,200}"), "up to 200 characters of a channel name"), "",
            "Only events of channels whose names start so.");
    static final Setting<List<String>> CHANNELS = Setting.of("channels", "",
            SettingType.listOf(SettingType.text(Pattern.compile("\\S{1,200}"), "a channel name with * and ?"),
                    "a list of channel names with * and ?"),
            "", "Only events of channels that match one of these; `*` stands for any characters, `?` for one.");
    /** The catalogue of one webhook, {@code headers} apart. */
    public static final List<Setting<?>> ALL = List.of(URL, TYPES, CHANNEL_PREFIX, CHANNELS);

    private static final String HEADERS = "headers";
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}");
    private static final Set<String> OWN_HEADERS = Set.of("host", "content-length", "content-type", "transfer-encoding",
            "connection", "x-pusher-key", "x-pusher-signature");
    private static final int MOST_HEADERS = 100;
    private static final int MOST_WEBHOOKS = 100;

    private final Place place;
    private final Consumer<SettingProblem> problems;

    WebhookReader(Place place, Consumer<SettingProblem> problems) {
        this.place = place;
        this.problems = problems;
    }

    /** The endpoints of {@code app} that can be used; what is wrong with the others goes to the problems. */
    List<WebhookEndpoint> read(Mapping app) {
        ConfigNode node = app.entries().get(AppCatalogue.WEBHOOKS);
        switch (node) {
            case null -> {
                return List.of();
            }
            case Scalar(String text, int _) when text.isEmpty() -> {
                return List.of();
            }
            case Sequence sequence -> {
                List<WebhookEndpoint> endpoints = new ArrayList<>();
                if (sequence.items().size() > MOST_WEBHOOKS) {
                    refuse(AppCatalogue.WEBHOOKS, node,
                            sequence.items().size() + " webhooks are not allowed; allowed are up to " + MOST_WEBHOOKS);
                    return List.of();
                }
                for (int i = 0; i < sequence.items().size(); i++) {
                    endpoint(AppCatalogue.WEBHOOKS + "[" + i + "]", sequence.items().get(i)).ifPresent(endpoints::add);
                }
                return List.copyOf(endpoints);
            }
            case Scalar _,Mapping _ -> {
                refuse(AppCatalogue.WEBHOOKS, node, "a list is expected, each with a url");
                return List.of();
            }
        }
    }

    private Optional<WebhookEndpoint> endpoint(String path, ConfigNode item) {
        Given given = new Given(problems);
        Map<String, String> headers = new LinkedHashMap<>();
        switch (item) {
            case Mapping mapping -> {
                new FileKeys(place, path, ALL, Set.of(HEADERS), Map.of()).read(mapping, given);
                Optional.ofNullable(mapping.entries().get(HEADERS))
                        .ifPresent(node -> headers(path + "." + HEADERS, node, headers));
            }
            case Scalar scalar -> given.put(URL, scalar, path, place.of(path, scalar.line()));
            case Sequence _ -> {
                refuse(path, item, "a webhook with a url is expected");
                return Optional.empty();
            }
        }
        if (!given.has(URL)) {
            refuse(path, item, "url is missing");
        }
        List<String> types = given.get(TYPES);
        String prefix = given.get(CHANNEL_PREFIX);
        List<String> channels = given.get(CHANNELS);
        return given.find(URL).map(url -> new WebhookEndpoint(url, types, prefix, channels, headers));
    }

    private void headers(String path, ConfigNode node, Map<String, String> headers) {
        switch (node) {
            case Scalar(String text, int _) when text.isEmpty() -> {
            }
            case Mapping values when values.entries().size() <= MOST_HEADERS ->
                values.entries().forEach((name, value) -> {
                    if (!HEADER_NAME.matcher(name).matches()) {
                        refuse(path, value,
                                Shown.quoted(name) + " is not a header name; allowed is 1 to 200 letters, digits "
                                        + "and signs such as -");
                    } else if (OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                        refuse(path + "." + name, value, "the server sets this header itself");
                    } else if (value instanceof Scalar(String text, int _) && text.length() <= 8_192
                            && text.chars().noneMatch(c -> c < ' ' || c == 127)) {
                        headers.put(name, text);
                    } else {
                        refuse(path + "." + name, value, "the value is not allowed; allowed is text in one line");
                    }
                });
            default -> refuse(path, node, "header names with their values are expected, up to " + MOST_HEADERS);
        }
    }

    private void refuse(String path, ConfigNode node, String reason) {
        problems.accept(new SettingProblem(path, place.of(path, node.line()), reason));
    }

    private static URI address(String text) {
        URI uri = URI.create(text);
        if (UriAuthority.of(uri).isEmpty() || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException("not an http or https address");
        }
        return uri;
    }
}
