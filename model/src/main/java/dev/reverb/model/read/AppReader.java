package dev.reverb.model.read;

import dev.reverb.model.App;
import dev.reverb.model.AppCatalogue;
import dev.reverb.model.History;
import dev.reverb.model.RateLimiting;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.FileKeys;
import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.Place;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes an application of what was given for it, or says all that is wrong. Stateless beside the limits; any thread.
 */
public final class AppReader {
    private static final String CLIENT_EVENTS = "accept_client_events_from";
    private static final List<Setting<?>> CREDENTIALS = List.of(AppCatalogue.APP_ID, AppCatalogue.KEY,
            AppCatalogue.SECRET);

    /** What other servers call it. */
    private static final Map<String, String> KNOWN_ELSEWHERE = Map.of("enable_client_messages", CLIENT_EVENTS,
            "enableClientMessages", CLIENT_EVENTS, "client_events", CLIENT_EVENTS, "capacity", "max_connections",
            "enableUserAuthentication", "user_authentication", "cors", "allowed_origins");

    private final ServerLimits limits;

    /** One for a server with {@code limits}. */
    public AppReader(ServerLimits limits) {
        this.limits = limits;
    }

    /** Reads an entry of {@code apps:}, which stands at {@code place}. */
    public AppReading read(ConfigNode entry, Place place) {
        List<SettingProblem> problems = new ArrayList<>();
        if (!(entry instanceof Mapping mapping)) {
            problems.add(new SettingProblem("", place.of("", entry.line()),
                    "an application is expected, with app_id, key, secret"
                            + (entry instanceof Scalar(String text, int _)
                                    && text.matches("(?s).*\\b(app_id|key|secret):\\S.*")
                                            ? "; a space belongs behind each colon"
                                            : "")));
            return new AppReading(Optional.empty(), Optional.empty(), Optional.empty(), problems, List.of());
        }
        Given given = new Given(problems::add);
        new FileKeys(place, "", AppCatalogue.ALL, Set.of(AppCatalogue.HISTORY, AppCatalogue.WEBHOOKS), KNOWN_ELSEWHERE)
                .read(mapping, given);
        List<WebhookEndpoint> webhooks = new WebhookReader(place, problems::add).read(mapping);
        History history = new HistoryReader(place, problems::add).read(mapping);
        return read(given, history, webhooks, place.of("", entry.line()), Setting::key, problems);
    }

    /**
     * Reads what the environment gives, whose origins are the variables.
     *
     * @param problems what {@code given} hands its problems to
     */
    public AppReading read(Given given, List<SettingProblem> problems) {
        return read(given, History.NONE, List.of(), "application in the environment", Setting::variable, problems);
    }

    private AppReading read(Given given, History history, List<WebhookEndpoint> webhooks, String origin,
            Function<Setting<?>, String> name, List<SettingProblem> problems) {
        List<String> missing = CREDENTIALS.stream().filter(setting -> !given.has(setting)).map(name).toList();
        if (!missing.isEmpty()) {
            problems.add(new SettingProblem("", origin,
                    String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are")
                            + " missing; an application needs all of "
                            + String.join(", ", CREDENTIALS.stream().map(name).toList())));
        }
        List<String> warnings = new ArrayList<>();
        Optional<String> id = given.find(AppCatalogue.APP_ID);
        Optional<String> key = given.find(AppCatalogue.KEY);
        App app = app(given, id.orElse(""), key.orElse(""), history, webhooks, warnings);
        return problems.isEmpty() ? new AppReading(Optional.of(app), id, key, problems, warnings)
                : new AppReading(Optional.empty(), id, key, problems, List.of());
    }

    private App app(Given given, String id, String key, History history, List<WebhookEndpoint> webhooks,
            List<String> warnings) {
        List<String> secrets = new ArrayList<>();
        secrets.add(given.find(AppCatalogue.SECRET).orElse(""));
        given.get(AppCatalogue.PREVIOUS_SECRETS).stream().filter(old -> !secrets.contains(old)).forEach(secrets::add);
        boolean enabled = given.get(AppCatalogue.ENABLED);
        List<String> origins = given.get(AppCatalogue.ALLOWED_ORIGINS);
        int maxMessageSize = given.get(AppCatalogue.MAX_MESSAGE_SIZE);
        return new App(id, key, secrets, enabled, origins, given.get(AppCatalogue.PING_INTERVAL),
                given.get(AppCatalogue.ACTIVITY_TIMEOUT), optional(given.find(AppCatalogue.MAX_CONNECTIONS)),
                maxMessageSize, maxEventSize(given, maxMessageSize, warnings),
                given.get(AppCatalogue.ACCEPT_CLIENT_EVENTS_FROM),
                new RateLimiting(given.get(AppCatalogue.RATE_LIMITING_ENABLED),
                        given.get(AppCatalogue.RATE_LIMIT_MAX_ATTEMPTS), given.get(AppCatalogue.RATE_LIMIT_DECAY),
                        given.get(AppCatalogue.RATE_LIMIT_TERMINATE)),
                given.get(AppCatalogue.CHANNEL_NAMES), given.get(AppCatalogue.CACHE_TTL),
                optional(given.find(AppCatalogue.MAX_PRESENCE_MEMBERS)),
                given.find(AppCatalogue.MAX_PRESENCE_MEMBER_SIZE).orElse(maxMessageSize),
                given.get(AppCatalogue.MAX_PRESENCE_USER_ID_LENGTH), given.get(AppCatalogue.USER_AUTHENTICATION),
                given.get(AppCatalogue.WATCHLIST_EVENTS), given.get(AppCatalogue.SUBSCRIPTION_COUNT_EVENTS),
                given.get(AppCatalogue.ALLOW_RESTART), history, webhooks);
    }

    /** An event that may be published has to fit, or publishing it would close every subscriber. */
    private int maxEventSize(Given given, int maxMessageSize, List<String> warnings) {
        Optional<Integer> own = given.find(AppCatalogue.MAX_EVENT_SIZE);
        int size = own.orElse(Math.max(maxMessageSize, limits.maxRequestSize()));
        if (own.isPresent() && limits.maxRequestSize() > 0 && size > limits.maxRequestSize()) {
            warnings.add(given.origin(AppCatalogue.MAX_EVENT_SIZE) + ": no event of " + size
                    + " bytes can arrive, as max_request_size is " + limits.maxRequestSize());
        }
        if (size > limits.outboundBuffer()) {
            given.refuse(own.isPresent() ? AppCatalogue.MAX_EVENT_SIZE : AppCatalogue.MAX_MESSAGE_SIZE,
                    "\"" + size + "\" is not allowed; allowed is at most limits.outbound_buffer, which is "
                            + limits.outboundBuffer());
        }
        return size;
    }

    private static OptionalInt optional(Optional<Integer> value) {
        return value.map(OptionalInt::of).orElse(OptionalInt.empty());
    }
}
