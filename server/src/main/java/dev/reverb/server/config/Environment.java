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
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Settings in environment variables. Two things that people have there without knowing must not stop a server:
 * variables that Kubernetes injects for a Service called {@code reverb} or {@code redis}, and the word {@code null} of
 * a framework's {@code .env} file.
 */
final class Environment {
    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(?:tcp|udp|sctp)://.*");
    private static final Pattern SERVICE_LINK = Pattern
            .compile(".*_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|.*_PORT_\\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?");

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
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "null", "(null)", "(empty)" -> Optional.empty();
            default -> Optional.of(text);
        };
    }

    /** Puts every setting of {@code catalogue} that is set into {@code given}. */
    void read(List<Setting<?>> catalogue, Given given) {
        for (Setting<?> setting : catalogue) {
            find(setting.variable()).ifPresent(text -> given.put(setting,
                    // a secret is taken as it is: its white space is an error to tell, not to mend
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
            } else if (name.startsWith("REVERB_")) {
                Optional<String> near = SERVICE_LINK.matcher(name).matches() ? Optional.empty()
                        : NearestName.to(name, known.keySet().stream().sorted().toList());
                ignored.put(name, name + near.map(right -> " (did you mean " + right + "?)").orElse(""));
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
