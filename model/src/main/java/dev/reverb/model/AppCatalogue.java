package dev.reverb.model;

import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The catalogue of an application's settings: keys of an entry of {@code apps:} in the file, and the variables of the
 * one application that the environment may hold. A new setting is written here, in {@link App}, in {@code AppReader},
 * and as a field of the custom resources, whose name is {@link #customName}.
 */
public final class AppCatalogue {
    private static final Pattern UNDERSCORE = Pattern.compile("_([a-z0-9])");
    private static final Pattern UPPER = Pattern.compile("[A-Z]");
    private static final int A_DAY = 86_400;
    private static final SettingType<String> CREDENTIAL = SettingType.text(Pattern.compile("[A-Za-z0-9._~-]{1,200}"),
            "1 to 200 letters, digits and . _ ~ -");
    private static final SettingType<String> SECRET_TYPE = SettingType.text(
            Pattern.compile("\\S|\\S[^\\p{Cntrl}]{0,998}\\S"), "1 to 1000 characters without white space at the ends");
    private static final String PORT = "6553[0-5]|655[0-2]\\d|65[0-4]\\d\\d|6[0-4]\\d{3}|[1-5]\\d{4}|[1-9]\\d{0,3}";
    private static final SettingType<String> ORIGIN = SettingType
            .text(Pattern.compile("([A-Za-z0-9._*?-]+|\\[[0-9A-Fa-f:.*?]+])(:(" + PORT + "|\\*))?"), "a host name");

    public static final Setting<String> APP_ID = Setting.optional("app_id", "REVERB_APP_ID", CREDENTIAL,
            "The id in the paths of the HTTP API. Required.");
    public static final Setting<String> KEY = Setting.optional("key", "REVERB_APP_KEY", CREDENTIAL,
            "The public key that clients connect with. Required.");
    public static final Setting<String> SECRET = Setting
            .optional("secret", "REVERB_APP_SECRET", SECRET_TYPE, "Signs API requests and subscriptions. Required.")
            .asSecret();
    public static final Setting<List<String>> PREVIOUS_SECRETS = Setting
            .of("previous_secrets", "REVERB_APP_PREVIOUS_SECRETS", SettingType.listOf(SECRET_TYPE, "a list of secrets"),
                    "", "Secrets that are still accepted while `secret` is being rotated.")
            .asSecret();
    public static final Setting<Boolean> ENABLED = Setting.of("enabled", "REVERB_APP_ENABLED", SettingType.bool(),
            "true", "False refuses connections with 4003 and API requests with 403.");
    public static final Setting<List<String>> ALLOWED_ORIGINS = Setting.of("allowed_origins",
            "REVERB_APP_ALLOWED_ORIGINS",
            SettingType.listOf(ORIGIN,
                    "a list of host names with * wildcards, such as *.example.com, without a scheme"),
            "*",
            "Hosts that pages may connect from, on any port or, as in `localhost:3000`, on one; `*` allows all, and "
                    + "clients that send no `Origin`.");
    public static final Setting<Duration> PING_INTERVAL = Setting.of("ping_interval", "REVERB_APP_PING_INTERVAL",
            SettingType.seconds(1, A_DAY), "60", "Silence after which the server pings a connection.");
    public static final Setting<Duration> ACTIVITY_TIMEOUT = Setting.of("activity_timeout",
            "REVERB_APP_ACTIVITY_TIMEOUT", SettingType.seconds(1, A_DAY), "30",
            "Clients receive it and ping after such a silence; also how long an answer to a ping may take.");
    public static final Setting<Integer> MAX_CONNECTIONS = Setting.optional("max_connections",
            "REVERB_APP_MAX_CONNECTIONS", SettingType.number(1, Integer.MAX_VALUE),
            "Connections at one time, over all nodes. Unset, there is no limit.");
    public static final Setting<Integer> MAX_MESSAGE_SIZE = Setting.of("max_message_size",
            "REVERB_APP_MAX_MESSAGE_SIZE", SettingType.size(1, 1 << 28), "10000",
            "Bytes of one message from a client.");
    public static final Setting<Integer> MAX_EVENT_SIZE = Setting.optional("max_event_size",
            "REVERB_APP_MAX_EVENT_SIZE", SettingType.size(1, 1 << 28),
            "Bytes of the data of one published event. Unset, it is `max_message_size`, or `REVERB_MAX_REQUEST_SIZE`"
                    + " where that is set and larger.");
    public static final Setting<AcceptClientEvents> ACCEPT_CLIENT_EVENTS_FROM = Setting.of("accept_client_events_from",
            "REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", SettingType.oneOf(AcceptClientEvents.class), "members",
            "Who may send client events.");
    public static final Setting<Boolean> RATE_LIMITING_ENABLED = Setting.of("rate_limiting.enabled",
            "REVERB_APP_RATE_LIMITING_ENABLED", SettingType.bool(), "false",
            "Whether the messages of one connection are limited.");
    public static final Setting<Integer> RATE_LIMIT_MAX_ATTEMPTS = Setting.of("rate_limiting.max_attempts",
            "REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", SettingType.number(1, Integer.MAX_VALUE), "60",
            "Messages of one connection within the window.");
    public static final Setting<Duration> RATE_LIMIT_DECAY = Setting.of("rate_limiting.decay_seconds",
            "REVERB_APP_RATE_LIMIT_DECAY_SECONDS", SettingType.seconds(1, A_DAY), "60", "The window.");
    public static final Setting<Boolean> RATE_LIMIT_TERMINATE = Setting.of("rate_limiting.terminate_on_limit",
            "REVERB_APP_RATE_LIMIT_TERMINATE", SettingType.bool(), "false",
            "Close a connection that goes over the limit instead of dropping the message.");
    public static final Setting<ChannelNames> CHANNEL_NAMES = Setting.of("channel_names", "REVERB_APP_CHANNEL_NAMES",
            SettingType.oneOf(ChannelNames.class), "pusher",
            "Which channel names are accepted: those of hosted Pusher, or any.");
    public static final Setting<Duration> CACHE_TTL = Setting.of("cache_ttl", "REVERB_APP_CACHE_TTL",
            SettingType.duration(Duration.ofSeconds(1), Duration.ofDays(30)), "30m",
            "How long a cache channel keeps its last event.");
    public static final Setting<Integer> MAX_PRESENCE_MEMBERS = Setting.optional("max_presence_members",
            "REVERB_APP_MAX_PRESENCE_MEMBERS", SettingType.number(1, Integer.MAX_VALUE),
            "Members of one presence channel. Unset, there is no limit.");
    public static final Setting<Integer> MAX_PRESENCE_MEMBER_SIZE = Setting.optional("max_presence_member_size",
            "REVERB_APP_MAX_PRESENCE_MEMBER_SIZE", SettingType.size(2, 1 << 28),
            "Bytes of one member's `channel_data`. Unset, it is `max_message_size`.");
    public static final Setting<Integer> MAX_PRESENCE_USER_ID_LENGTH = Setting.of("max_presence_user_id_length",
            "REVERB_APP_MAX_PRESENCE_USER_ID_LENGTH", SettingType.number(1, 65_535), "1000",
            "Characters of a member's `user_id`.");
    public static final Setting<Boolean> USER_AUTHENTICATION = Setting.of("user_authentication",
            "REVERB_APP_USER_AUTHENTICATION", SettingType.bool(), "true", "Whether `pusher:signin` is accepted.");
    public static final Setting<Boolean> WATCHLIST_EVENTS = Setting.of("watchlist_events",
            "REVERB_APP_WATCHLIST_EVENTS", SettingType.bool(), "true",
            "Whether signed-in users receive an event when those on their watchlist come and go.");
    public static final Setting<Boolean> SUBSCRIPTION_COUNT_EVENTS = Setting.of("subscription_count_events",
            "REVERB_APP_SUBSCRIPTION_COUNT_EVENTS", SettingType.bool(), "false",
            "Whether subscribers of other than presence channels receive their number, on all servers together: "
                    + "after each change, beyond 100 subscribers every 5 s.");

    public static final Setting<Boolean> ALLOW_RESTART = Setting.of("allow_restart", "REVERB_APP_ALLOW_RESTART",
            SettingType.bool(), "false",
            "Whether who has the application's secret may restart the server, and all others of its cluster, by "
                    + "`POST /apps/ID/restart`: for every application that they serve.");

    /** Name of the list of what channels keep in the file; the environment cannot hold one. */
    public static final String HISTORY = "history";

    /** Name of the list of webhooks in the file; the environment cannot hold one. */
    public static final String WEBHOOKS = "webhooks";

    /** All with a single value, in the order of the reference page. */
    public static final List<Setting<?>> ALL = List.of(APP_ID, KEY, SECRET, PREVIOUS_SECRETS, ENABLED, ALLOWED_ORIGINS,
            PING_INTERVAL, ACTIVITY_TIMEOUT, MAX_CONNECTIONS, MAX_MESSAGE_SIZE, MAX_EVENT_SIZE,
            ACCEPT_CLIENT_EVENTS_FROM, RATE_LIMITING_ENABLED, RATE_LIMIT_MAX_ATTEMPTS, RATE_LIMIT_DECAY,
            RATE_LIMIT_TERMINATE, CHANNEL_NAMES, CACHE_TTL, MAX_PRESENCE_MEMBERS, MAX_PRESENCE_MEMBER_SIZE,
            MAX_PRESENCE_USER_ID_LENGTH, USER_AUTHENTICATION, WATCHLIST_EVENTS, SUBSCRIPTION_COUNT_EVENTS,
            ALLOW_RESTART);

    /** What the custom resources call settings whose names are not the file's in camel case. */
    private static final Map<String, String> CUSTOM_NAMES = Map.of("app_id", "id");

    private AppCatalogue() {}

    /**
     * What the custom resources call {@code setting}: {@code max_connections} is {@code maxConnections}. Credentials
     * are not in them, and their names are empty.
     */
    public static String customName(Setting<?> setting) {
        return setting.equals(KEY) || setting.secret() ? "" : customName(setting.key());
    }

    private static String customName(String key) {
        String known = CUSTOM_NAMES.get(key);
        return known != null ? known
                : UNDERSCORE.matcher(key).replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
    }

    /**
     * What the file calls the settings of {@code custom}, the fields of a custom resource: {@code maxConnections}
     * becomes {@code max_connections}, at every depth, and {@code id} becomes {@code app_id}. Names of webhooks'
     * headers stay as they are. Values stay too, entries that are null are left out.
     */
    public static Map<String, Object> fileEntry(Map<String, ?> custom) {
        Map<String, Object> entry = new LinkedHashMap<>();
        custom.forEach((name, value) -> {
            if (value != null) {
                entry.put(name.equals("id") ? "app_id" : fileName(name), fileValue(name, value));
            }
        });
        return entry;
    }

    private static Object fileValue(String name, Object value) {
        return switch (value) {
            case Map<?, ?> map when name.equals("headers") -> map;
            case Map<?, ?> map -> {
                Map<String, Object> section = new LinkedHashMap<>();
                map.forEach((key, inner) -> {
                    if (inner != null) {
                        section.put(fileName(key.toString()), fileValue(key.toString(), inner));
                    }
                });
                yield section;
            }
            case List<?> list -> list.stream().<Object>map(item -> fileValue(name, item)).toList();
            default -> value;
        };
    }

    private static String fileName(String custom) {
        return UPPER.matcher(custom).replaceAll(match -> "_" + match.group().toLowerCase(Locale.ROOT));
    }
}
