package dev.reverb.server.config;

import dev.reverb.server.config.ConfigNode.Mapping;
import dev.reverb.server.config.ConfigNode.Scalar;
import dev.reverb.server.config.ConfigNode.Sequence;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What was given for the settings of one scope (the server, or one application), with its origin for error messages.
 * A later source given wins over an earlier one. Confined to the thread that reads.
 */
final class Given {

    /**
     * A value as written.
     *
     * @param origin the name that the person who wrote it knows it by: a variable, a flag, or a key with file and line
     */
    record Written(ConfigNode node, String origin) {
        boolean unset() {
            return node instanceof Scalar(String text, int _) && text.isEmpty();
        }
    }

    private final Map<Setting<?>, Written> values = new LinkedHashMap<>();

    /** Takes {@code node} for {@code setting}, over what was given before; an empty text takes nothing. */
    void put(Setting<?> setting, ConfigNode node, String origin) {
        Written written = new Written(node, origin);
        if (!written.unset()) {
            values.put(setting, written);
        }
    }

    boolean has(Setting<?> setting) {
        return values.containsKey(setting);
    }

    /** How {@code setting} was called by whoever gave it. */
    String origin(Setting<?> setting) {
        Written written = values.get(setting);
        return written == null ? setting.toString() : written.origin();
    }

    /**
     * The value of {@code setting}, or its default.
     *
     * @throws SettingsException when what was given is not allowed
     */
    <T> T get(Setting<T> setting) {
        Optional<T> value = find(setting);
        return value.isPresent() ? value.get() : setting.standardValue();
    }

    /**
     * The value given for {@code setting}, if any.
     *
     * @throws SettingsException when it is not allowed
     */
    <T> Optional<T> find(Setting<T> setting) {
        Written written = values.get(setting);
        if (written == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(setting.type().parse(written.node()));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new SettingsException(written.origin() + ": " + shown(setting, written.node())
                    + " is not allowed; allowed is " + setting.type().allowed());
        }
    }

    /** Everything given, as text with secrets in clear: to compare, never to show. */
    Map<Setting<?>, String> texts() {
        return values.entrySet()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> text(entry.getValue().node())));
    }

    /** {@code setting}'s value for people, secrets masked. */
    static String shown(Setting<?> setting, ConfigNode node) {
        if (setting.secret()) {
            return "the value (masked)";
        }
        String text = text(node).replaceAll("\\p{Cntrl}+", " ");
        return '"' + (text.length() > 80 ? text.substring(0, 80) + "…" : text) + '"';
    }

    private static String text(ConfigNode node) {
        return switch (node) {
            case Scalar(String text, int _) -> text;
            case Sequence sequence ->
                sequence.items().stream().map(Given::text).collect(Collectors.joining(", ", "[", "]"));
            case Mapping mapping ->
                mapping.entries().keySet().stream().map(key -> key + ": …").collect(Collectors.joining(", ", "{", "}"));
        };
    }
}
