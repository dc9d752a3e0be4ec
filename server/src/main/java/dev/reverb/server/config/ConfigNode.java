package dev.reverb.server.config;

import java.util.List;
import java.util.Map;

/** A value as it was written, before anything is made of it; {@code line} is its line in the file, 0 elsewhere. */
sealed interface ConfigNode {

    int line();

    /** One value, as text whatever it looks like: an id {@code 007} stays {@code 007}; empty text is unset. */
    record Scalar(String text, int line) implements ConfigNode {}

    /** A list. */
    record Sequence(List<ConfigNode> items, int line) implements ConfigNode {}

    /** Keys and values, in the order written. */
    record Mapping(Map<String, ConfigNode> entries, int line) implements ConfigNode {}
}
