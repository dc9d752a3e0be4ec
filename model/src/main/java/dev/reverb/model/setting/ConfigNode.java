package dev.reverb.model.setting;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value as it was written, before anything is made of it; {@code line} is its line in the file, 0 elsewhere. */
public sealed interface ConfigNode {

    /** Its line in the file, 0 elsewhere. */
    int line();

    /** One value, as text whatever it looks like: an id {@code 007} stays {@code 007}; empty text is unset. */
    record Scalar(String text, int line) implements ConfigNode {}

    /** A list. */
    record Sequence(List<ConfigNode> items, int line) implements ConfigNode {}

    /** Keys and values, in the order written. */
    record Mapping(Map<String, ConfigNode> entries, int line) implements ConfigNode {}

    /**
     * What {@code value} is when it is written to a file: maps, iterables, and text of anything else. Entries that are
     * null are left out, as they are not written.
     */
    static ConfigNode of(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, ConfigNode> entries = new LinkedHashMap<>();
                map.forEach((key, entry) -> {
                    if (entry != null) {
                        entries.put(key.toString(), of(entry));
                    }
                });
                yield new Mapping(entries, 0);
            }
            case Iterable<?> items -> {
                List<ConfigNode> nodes = new ArrayList<>();
                items.forEach(item -> nodes.add(of(item)));
                yield new Sequence(nodes, 0);
            }
            default -> new Scalar(value.toString(), 0);
        };
    }
}
