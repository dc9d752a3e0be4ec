package dev.reverb.server.config.source;

import dev.reverb.model.AppCatalogue;
import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.NearestName;
import dev.reverb.model.setting.Setting;
import dev.reverb.server.config.ServerSettings;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Settings in environment variables. Two things that people have there without knowing must not stop a server:
 * variables that Kubernetes injects for a Service called {@code reverb} or {@code redis}, and the word {@code null} of
 * a framework's {@code .env} file. Quotes around a value are left out, as {@code docker --env-file} leaves them there.
 */
public final class Environment {
    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(?:tcp|udp|sctp)://.*");
    private static final Pattern SERVICE_LINK = Pattern
            .compile(".*_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|.*_PORT_\\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?");

    /**
     * Variables of Laravel Reverb's own configuration and of the launcher that mean nothing to this server: which
     * server of several it is, how often it reports to packages of Laravel, whether a start is prepared.
     */
    private static final Set<String> OF_OTHERS = Set.of("REVERB_SERVER", "REVERB_PULSE_INGEST_INTERVAL",
            "REVERB_TELESCOPE_INGEST_INTERVAL", "REVERB_AOT");
    private static final String FILE_ONLY = "it stands in the file only, which REVERB_CONFIG names";
    /** What people call by another name, and what of an application is in the file only. */
    private static final Map<String, String> KNOWN_ELSEWHERE = Map.ofEntries(
            Map.entry("REVERB_METRICS_PORT", "did you mean REVERB_MANAGEMENT_PORT?"),
            Map.entry("REVERB_METRICS_HOST", "did you mean REVERB_MANAGEMENT_HOST?"),
            Map.entry("REVERB_LOG_LEVEL", "did you mean REVERB_DEBUG?"),
            Map.entry("REVERB_TLS_CERTIFICATE", "did you mean REVERB_TLS_CERT?"),
            Map.entry("REVERB_TLS_PRIVATE_KEY", "did you mean REVERB_TLS_KEY?"),
            Map.entry("REVERB_WEBHOOKS", FILE_ONLY), Map.entry("REVERB_APP_WEBHOOKS", FILE_ONLY),
            Map.entry("REVERB_APP_HISTORY", FILE_ONLY), Map.entry("REVERB_APPS", FILE_ONLY));
    private static final String PREFIX = "REVERB_";
    private static final String REDIS = "REDIS_";
    /** What a Laravel application has for Redis beside what means something here too. */
    private static final Set<String> OF_LARAVEL = Set.of("REDIS_CLIENT", "REDIS_CLUSTER", "REDIS_PREFIX",
            "REDIS_PERSISTENT", "REDIS_CACHE_DB", "REDIS_CACHE_CONNECTION", "REDIS_CACHE_LOCK_CONNECTION",
            "REDIS_QUEUE", "REDIS_QUEUE_CONNECTION", "REDIS_QUEUE_RETRY_AFTER", "REDIS_MAX_RETRIES",
            "REDIS_BACKOFF_ALGORITHM", "REDIS_BACKOFF_BASE", "REDIS_BACKOFF_CAP");

    private final Map<String, String> variables;

    public Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /** The text of {@code variable}, unless it is unset in one of the ways there are. */
    public Optional<String> find(String variable) {
        String text = variables.get(variable);
        if (text == null || text.isBlank() || isServiceAddress(variable, text)) {
            return Optional.empty();
        }
        String value = EnvFile.unquoted(text);
        return switch (value.strip().toLowerCase(Locale.ROOT)) {
            case "", "null", "(null)", "(empty)" -> Optional.empty();
            default -> Optional.of(value);
        };
    }

    /** Puts every setting of {@code catalogue} that is set into {@code given}. */
    public void read(List<Setting<?>> catalogue, Given given) {
        for (Setting<?> setting : catalogue) {
            find(setting.variable()).ifPresent(text -> given.put(setting,
                    // a secret is taken as it is: its white space is an error to report, not to mend
                    new Scalar(setting.secret() ? text : text.strip(), 0), setting.variable()));
        }
    }

    /**
     * One line that names what starts with {@code REVERB_} and means nothing, or means a Kubernetes Service.
     *
     * @param scaling whether variables of Redis are this server's too, so that one of them may be misspelt
     */
    public Optional<String> warning(boolean scaling) {
        Map<String, String> known = new HashMap<>();
        Stream.concat(ServerSettings.ALL.stream(), AppCatalogue.ALL.stream())
                .filter(setting -> !setting.variable().isEmpty())
                .forEach(setting -> known.put(setting.variable(), setting.variable()));
        Map<String, String> ignored = new TreeMap<>();
        variables.forEach((name, text) -> {
            if (known.containsKey(name)) {
                if (isServiceAddress(name, text)) {
                    ignored.put(name, name + " (the address of a Kubernetes Service)");
                }
            } else if (name.startsWith(PREFIX) && !OF_OTHERS.contains(name)) {
                // the prefix is the same in all of them: what is compared is the rest
                ignored.put(name, name + meant(name, known.keySet()));
            } else if (name.startsWith(REDIS) && scaling && !OF_LARAVEL.contains(name)
                    && !SERVICE_LINK.matcher(name).matches()) {
                NearestName.to(name, known.keySet().stream().filter(right -> right.startsWith(REDIS)).sorted().toList())
                        .ifPresent(right -> ignored.put(name, name + didYouMean(right)));
            }
        });
        return ignored.isEmpty() ? Optional.empty()
                : Optional.of(ignored.values()
                        .stream()
                        .collect(Collectors.joining(", ", "environment variables without a meaning here are ignored: ",
                                "")));
    }

    /** What {@code name}, which is in no catalogue, was probably meant to be. */
    private static String meant(String name, Collection<String> known) {
        if (SERVICE_LINK.matcher(name).matches()) {
            return "";
        }
        String elsewhere = KNOWN_ELSEWHERE.get(name);
        if (elsewhere != null) {
            return " (" + elsewhere + ")";
        }
        String rest = name.substring(PREFIX.length());
        if (rest.startsWith(REDIS)) {
            String right = known.contains(rest) ? rest
                    : NearestName.to(rest, known.stream().filter(other -> other.startsWith(REDIS)).sorted().toList())
                            .orElse("");
            return right.isEmpty() ? "" : didYouMean(right);
        }
        // the prefix is the same in all of them: what is compared is the rest
        return NearestName
                .to(rest,
                        known.stream()
                                .filter(right -> right.startsWith(PREFIX))
                                .map(right -> right.substring(PREFIX.length()))
                                .sorted()
                                .toList())
                .map(right -> didYouMean(PREFIX + right))
                .orElse("");
    }

    private static String didYouMean(String right) {
        return " (did you mean " + right + "?)";
    }

    private static boolean isServiceAddress(String variable, String text) {
        return variable.endsWith("_PORT") && SERVICE_ADDRESS.matcher(text).matches();
    }
}
