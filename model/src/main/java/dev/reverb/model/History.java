package dev.reverb.model;

import java.util.List;
import java.util.Optional;

/**
 * Which channels of an application keep their messages, and how many.
 *
 * @param rules the first one that matches a channel holds; none for an application that keeps nothing
 */
public record History(List<HistoryRule> rules) {

    /** Nothing is kept. */
    public static final History NONE = new History(List.of());

    public History {
        rules = List.copyOf(rules);
    }

    /** The rule of {@code channel}; empty where nothing is kept. Costs nothing where there are no rules. */
    public Optional<HistoryRule> rule(String channel) {
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).matches(channel)) {
                return Optional.of(rules.get(i));
            }
        }
        return Optional.empty();
    }
}
