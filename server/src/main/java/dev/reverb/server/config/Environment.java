package dev.reverb.server.config;

import dev.reverb.model.AppCatalogue;
import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.NearestName;
import dev.reverb.model.setting.Setting;
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
final class Environment {
    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(?:tcp|udp|sctp)://.*");
    private static final Pattern SERVICE_LINK = Pattern
            .compile(".*_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|.*_PORT_\\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?");

    /**
     * Variables of Laravel Reverb's own configuration and of the launcher that mean nothing to this server: which
     * server of several it is, how often it reports to packages of Laravel, whether a start is prepared.
     */
    private static final Set<String> OF_OTHERS = Set.of("REVERB_SERVER", "REVERB_PULSE_INGEST_INTERVAL",
            "REVERB_TELESCOPE_INGEST_INTERVAL", "REVERB_AOT");
    private static final String PREFIX = "REVERB_";

    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /** The text of {@code variable}, unless it is unset in one of the ways there are. */
    Optional<String> find(String variable) {
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
    void read(List<Setting<?>> catalogue, Given given) {
        for (Setting<?> setting : catalogue) {
            find(setting.variable()).ifPresent(text -> given.put(setting,
                    // a secret is taken as it is: its white space is an error to report, not to mend
                    new Scalar(setting.secret() ? text : text.strip(), 0), setting.variable()));
        }
    }

    /** One line that names what starts with {@code REVERB_} and means nothing, or means a Kubernetes Service. */
    Optional<String> warning() {
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
                Optional<String> near = SERVICE_LINK.matcher(name).matches() ? Optional.empty()
                        : NearestName.to(name.substring(PREFIX.length()),
                                known.keySet()
                                        .stream()
                                        .filter(right -> right.startsWith(PREFIX))
                                        .map(right -> right.substring(PREFIX.length()))
                                        .sorted()
                                        .toList());
                ignored.put(name, name + near.map(right -> " (did you mean " + PREFIX + right + "?)").orElse(""));
            }
        });
        return ignored.isEmpty() ? Optional.empty()
                : Optional.of(ignored.values()
                        .stream()
                        .collect(Collectors.joining(", ", "environment variables without a meaning here are ignored: ",
                                "")));
    }

    private static boolean isServiceAddress(String variable, String text) {
        return variable.endsWith("_PORT") && SERVICE_ADDRESS.matcher(text).matches();
    }
}
