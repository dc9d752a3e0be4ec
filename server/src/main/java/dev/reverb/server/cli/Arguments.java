package dev.reverb.server.cli;

import dev.reverb.server.config.NearestName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The flags given to a command, as {@code --name value} or {@code --name=value}. Immutable.
 *
 * @param values by name with dashes; a switch has an empty value
 */
record Arguments(Map<String, String> values) {

    /**
     * @throws UsageException for a flag that {@code command} does not have, one given twice, without its value, or
     *     missing though required
     */
    static Arguments parse(Command command, List<String> words) {
        Map<String, Flag> known = new LinkedHashMap<>();
        command.flags().forEach(flag -> known.put(flag.name(), flag));
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String name = equals < 0 ? word : word.substring(0, equals);
            Flag flag = known.get(name);
            if (flag == null) {
                throw new UsageException(
                        "\"" + name + "\" is not a flag of " + command.name()
                                + NearestName.to(name, known.keySet()).map(
                                        near -> "; did you mean " + near + "?").orElse(""));
            }
            String value;
            if (flag.value().isEmpty()) {
                if (equals >= 0) {
                    throw new UsageException(name + " takes no value");
                }
                value = "";
            } else if (equals >= 0) {
                value = word.substring(equals + 1);
            } else if (i + 1 < words.size()) {
                value = words.get(++i);
            } else {
                throw new UsageException(name + " needs a value: " + name + " " + flag.value());
            }
            if (values.put(name, value) != null) {
                throw new UsageException(name + " is given twice");
            }
        }
        for (Flag flag : command.flags()) {
            if (flag.required() && !values.containsKey(flag.name())) {
                throw new UsageException(command.name() + " needs " + flag.name() + " " + flag.value());
            }
        }
        return new Arguments(Map.copyOf(values));
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The values may hold a secret. */
    @Override
    public String toString() {
        return "Arguments" + values.keySet();
    }
}
