package dev.reverb.server.cli.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The flags given to a command. Immutable.
 *
 * @param values by name with dashes
 */
public record Arguments(Map<String, String> values) {

    /** Of a command that was given none. */
    public static Arguments none() {
        return new Arguments(Map.of());
    }

    /** Of a command that picocli has parsed. */
    public static Arguments of(ParseResult parsed) {
        Map<String, String> values = new LinkedHashMap<>();
        for (OptionSpec option : parsed.matchedOptions()) {
            values.put(option.longestName(), String.valueOf(option.<Object>getValue()));
        }
        return new Arguments(Map.copyOf(values));
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public Optional<String> find(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The values may hold a secret. */
    @Override
    public String toString() {
        return "Arguments" + values.keySet();
    }
}
