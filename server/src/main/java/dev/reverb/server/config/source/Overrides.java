package dev.reverb.server.config.source;

import dev.reverb.model.setting.Setting;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the command line says; it wins over the environment, which wins over the file. Immutable.
 *
 * @param values settings that have a flag, and the text given
 */
public record Overrides(Map<Setting<?>, String> values) {
    public Overrides {
        values = Map.copyOf(values);
    }

    /** No flags. */
    public static Overrides none() {
        return new Overrides(Map.of());
    }

    /** These and one more, if {@code text} is given. */
    public Overrides with(Setting<?> setting, Optional<String> text) {
        if (text.isEmpty()) {
            return this;
        }
        Map<Setting<?>, String> more = new LinkedHashMap<>(values);
        more.put(setting, text.get());
        return new Overrides(more);
    }
}
