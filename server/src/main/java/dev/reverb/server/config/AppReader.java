package dev.reverb.server.config;

import dev.reverb.server.app.App;
import dev.reverb.server.app.DevelopmentApp;
import dev.reverb.server.app.RateLimiting;
import dev.reverb.server.app.WebhookEndpoint;
import dev.reverb.server.config.ConfigNode.Mapping;
import dev.reverb.server.config.ConfigNode.Scalar;
import dev.reverb.server.config.ConfigNode.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Makes applications of what was given: one from the environment, those of the file, or, when nothing at all is
 * configured, one for development.
 */
final class AppReader {
    private static final String APPS = "apps";

    private final Environment environment;
    private final ServerConfig server;
    private final DevelopmentApp development;

    AppReader(Environment environment, ServerConfig server, DevelopmentApp development) {
        this.environment = environment;
        this.server = server;
        this.development = development;
    }

    /**
     * What there is to serve.
     *
     * @param development whether the only application is the one for development
     */
    record Apps(List<App> apps, boolean development, List<String> warnings) {}

    /**
     * @param name what messages call the file
     * @throws SettingsException when an application is wrong, or two have the same id or key
     */
    Apps read(String name, Mapping file) {
        List<App> apps = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Map<String, String> ids = new HashMap<>();
        Map<String, String> keys = new HashMap<>();
        Given fromEnvironment = new Given();
        environment.read(AppSettings.ALL, fromEnvironment);
        boolean inEnvironment = Stream.of(AppSettings.APP_ID, AppSettings.KEY, AppSettings.SECRET)
                .anyMatch(fromEnvironment::has);
        if (inEnvironment) {
            requireCredentials(fromEnvironment, "", Setting::variable);
            add(app(fromEnvironment, List.of(), warnings), "the environment", apps, ids, keys);
        }
        ConfigNode listed = file.entries().get(APPS);
        switch (listed) {
            case null -> {
            }
            case Sequence sequence -> {
                FileKeys fileKeys = new FileKeys(name, AppSettings.ALL, Set.of(AppSettings.WEBHOOKS));
                for (int i = 0; i < sequence.items().size(); i++) {
                    String owner = APPS + "[" + i + "]";
                    ConfigNode item = sequence.items().get(i);
                    String place = owner + " (" + name + ":" + item.line() + ")";
                    if (!(item instanceof Mapping entry)) {
                        throw new SettingsException(place + ": an application is expected, with app_id, key, secret");
                    }
                    Given given = new Given();
                    fileKeys.read(entry, owner + ".", given);
                    requireCredentials(given, place, Setting::key);
                    List<WebhookEndpoint> webhooks = WebhookReader.read(name, owner, entry);
                    add(app(given, webhooks, warnings), place, apps, ids, keys);
                }
            }
            case Scalar _,Mapping _ -> throw new SettingsException(APPS + " (" + name + ":" + listed.line()
                    + "): a list of applications is expected; allowed is \"apps: []\" for none");
        }
        if (inEnvironment || listed != null) {
            if (!inEnvironment && !fromEnvironment.texts().isEmpty()) {
                warnings.add("REVERB_APP_… variables have no effect without REVERB_APP_ID, REVERB_APP_KEY and"
                        + " REVERB_APP_SECRET: " + String.join(", ",
                                fromEnvironment.texts().keySet().stream().map(Setting::variable).sorted().toList()));
            }
            return new Apps(List.copyOf(apps), false, warnings);
        }
        fromEnvironment.put(AppSettings.APP_ID, new Scalar(development.id(), 0), "");
        fromEnvironment.put(AppSettings.KEY, new Scalar(development.key(), 0), "");
        fromEnvironment.put(AppSettings.SECRET, new Scalar(development.secret(), 0), "");
        return new Apps(List.of(app(fromEnvironment, List.of(), warnings)), true, warnings);
    }

    private static void requireCredentials(Given given, String place, Function<Setting<?>, String> name) {
        List<String> missing = Stream.<Setting<?>>of(AppSettings.APP_ID, AppSettings.KEY, AppSettings.SECRET)
                .filter(setting -> !given.has(setting))
                .map(name)
                .toList();
        if (!missing.isEmpty()) {
            throw new SettingsException(
                    (place.isEmpty() ? "application in the environment" : place) + ": " + String.join(" and ", missing)
                            + (missing.size() == 1 ? " is" : " are") + " missing; an application needs all of "
                            + String.join(", ",
                                    Stream.<Setting<?>>of(AppSettings.APP_ID, AppSettings.KEY, AppSettings.SECRET)
                                            .map(name)
                                            .toList()));
        }
    }

    private static void add(App app, String place, List<App> apps, Map<String, String> ids, Map<String, String> keys) {
        refuseSecond("id", app.id(), place, ids);
        refuseSecond("key", app.key(), place, keys);
        apps.add(app);
    }

    private static void refuseSecond(String what, String value, String place, Map<String, String> places) {
        String first = places.putIfAbsent(value, place);
        if (first != null) {
            throw new SettingsException("application " + what + " \"" + value + "\" is given twice: by " + first
                    + " and by " + place + "; every application needs its own");
        }
    }

    private App app(Given given, List<WebhookEndpoint> webhooks, List<String> warnings) {
        int maxMessageSize = given.get(AppSettings.MAX_MESSAGE_SIZE);
        Optional<Integer> ownEventSize = given.find(AppSettings.MAX_EVENT_SIZE);
        int requestSize = server.maxRequestSize().orElse(0);
        int maxEventSize = ownEventSize.orElse(Math.max(maxMessageSize, requestSize));
        String id = given.find(AppSettings.APP_ID).orElseThrow();
        if (ownEventSize.isPresent() && requestSize > 0 && ownEventSize.get() > requestSize) {
            warnings.add(given.origin(AppSettings.MAX_EVENT_SIZE) + ": no event of " + maxEventSize
                    + " bytes can arrive, as max_request_size is " + requestSize);
        }
        if (maxEventSize > server.limits().outboundBuffer()) {
            throw new SettingsException(
                    given.origin(ownEventSize.isPresent() ? AppSettings.MAX_EVENT_SIZE : AppSettings.MAX_MESSAGE_SIZE)
                            + ": \"" + maxEventSize
                            + "\" is not allowed; allowed is at most limits.outbound_buffer, which is "
                            + server.limits().outboundBuffer());
        }
        List<String> secrets = new ArrayList<>();
        secrets.add(given.find(AppSettings.SECRET).orElseThrow());
        given.get(AppSettings.PREVIOUS_SECRETS).stream().filter(old -> !secrets.contains(old)).forEach(secrets::add);
        return new App(id, given.find(AppSettings.KEY).orElseThrow(), secrets, given.get(AppSettings.ENABLED),
                given.get(AppSettings.ALLOWED_ORIGINS), given.get(AppSettings.PING_INTERVAL),
                given.get(AppSettings.ACTIVITY_TIMEOUT), optional(given.find(AppSettings.MAX_CONNECTIONS)),
                maxMessageSize, maxEventSize, given.get(AppSettings.ACCEPT_CLIENT_EVENTS_FROM),
                new RateLimiting(given.get(AppSettings.RATE_LIMITING_ENABLED),
                        given.get(AppSettings.RATE_LIMIT_MAX_ATTEMPTS), given.get(AppSettings.RATE_LIMIT_DECAY),
                        given.get(AppSettings.RATE_LIMIT_TERMINATE)),
                given.get(AppSettings.CHANNEL_NAMES), given.get(AppSettings.CACHE_TTL),
                optional(given.find(AppSettings.MAX_PRESENCE_MEMBERS)),
                given.find(AppSettings.MAX_PRESENCE_MEMBER_SIZE).orElse(maxMessageSize),
                given.get(AppSettings.MAX_PRESENCE_USER_ID_LENGTH), given.get(AppSettings.USER_AUTHENTICATION),
                given.get(AppSettings.WATCHLIST_EVENTS), given.get(AppSettings.SUBSCRIPTION_COUNT_EVENTS), webhooks);
    }

    private static OptionalInt optional(Optional<Integer> value) {
        return value.map(OptionalInt::of).orElse(OptionalInt.empty());
    }
}
