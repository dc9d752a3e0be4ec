package dev.reverb.model.setting;

import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.ConfigNode.Sequence;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What was given for the settings of one scope (the server, or one application), with its origin for error messages.
 * A later source given wins over an earlier one. Confined to the thread that reads.
 */
public final class Given {

    /** A value as written, its key path, and how messages name it. */
    private record Written(ConfigNode node, String key, String origin) {
        boolean unset() {
            return node instanceof Scalar(String text, int _) && text.isEmpty();
        }
    }

    private final Map<Setting<?>, Written> values = new LinkedHashMap<>();
    private final Consumer<SettingProblem> problems;

    /** One whose first problem is thrown as a {@link SettingsException}. */
    public Given() {
        this(problem -> {
            throw new SettingsException(problem);
        });
    }

    /** One that hands every problem to {@code problems} and goes on without the value. */
    public Given(Consumer<SettingProblem> problems) {
        this.problems = problems;
    }

    /** Takes {@code node} for {@code setting}, over what was given before; an empty text takes nothing. */
    public void put(Setting<?> setting, ConfigNode node, String origin) {
        put(setting, node, setting.key(), origin);
    }

    /** The same, where {@code key} is the path of the setting in what is read. */
    public void put(Setting<?> setting, ConfigNode node, String key, String origin) {
        Written written = new Written(node, key, origin);
        if (!written.unset()) {
            values.put(setting, written);
        }
    }

    /** Says that something is wrong. */
    public void refuse(SettingProblem problem) {
        problems.accept(problem);
    }

    /** Says what is wrong with the value of {@code setting}. */
    public void refuse(Setting<?> setting, String reason) {
        Written written = values.get(setting);
        refuse(new SettingProblem(written == null ? setting.key() : written.key(), origin(setting), reason));
    }

    /** Whether a value was given for {@code setting}. */
    public boolean has(Setting<?> setting) {
        return values.containsKey(setting);
    }

    /** How {@code setting} was called by whoever gave it. */
    public String origin(Setting<?> setting) {
        Written written = values.get(setting);
        return written == null ? setting.toString() : written.origin();
    }

    /** The value of {@code setting}, or its default, which also stands for a value that is refused. */
    public <T> T get(Setting<T> setting) {
        Optional<T> value = find(setting);
        return value.isPresent() ? value.get() : setting.standardValue();
    }

    /** The value given for {@code setting}; empty when there is none, or when it is refused. */
    public <T> Optional<T> find(Setting<T> setting) {
        Written written = values.get(setting);
        if (written == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(setting.type().parse(written.node()));
        } catch (IllegalArgumentException | ArithmeticException e) {
            refuse(new SettingProblem(written.key(), written.origin(),
                    shown(setting, written.node()) + " is not allowed; allowed is " + setting.type().allowed()
                            + (commasMissing(setting, written.node()) ? ", separated by commas" : "")));
            return Optional.empty();
        }
    }

    /** Whether a list is written with spaces or semicolons, or as JSON, where a text holds it. */
    private static boolean commasMissing(Setting<?> setting, ConfigNode node) {
        return setting.type().shape().kind() == Shape.Kind.LIST && node instanceof Scalar(String text, int _)
                && (text.strip().matches(".*[ ;|].*") || text.strip().startsWith("[\""));
    }

    /** Everything given, as text with secrets in clear: to compare, never to show. */
    public Map<Setting<?>, String> texts() {
        return values.entrySet()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> text(entry.getValue().node())));
    }

    /** {@code setting}'s value for people, secrets masked. */
    private static String shown(Setting<?> setting, ConfigNode node) {
        if (setting.secret()) {
            return "the value (masked)";
        }
        return Shown.quoted(text(node));
    }

    private static String text(ConfigNode node) {
        return switch (node) {
            case Scalar(String text, int _) -> text;
            case Sequence sequence ->
                sequence.items().stream().map(Given::text).collect(Collectors.joining(", ", "[", "]"));
            case Mapping mapping -> mapping.entries()
                    .keySet()
                    .stream()
                    .map(key -> key + ": \u2026")
                    .collect(Collectors.joining(", ", "{", "}"));
        };
    }
}
