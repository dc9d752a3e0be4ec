package dev.reverb.operator.observe;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * Meters in the text format of Prometheus.
 *
 * @param text as a server's {@code /metrics} answers
 */
public record Exposition(String text) {

    /** The sum of the meter {@code name} over its labels; 0 when there is none. */
    public double sum(String name) {
        return values(name).stream().mapToDouble(Double::doubleValue).sum();
    }

    /** The smallest value of the meter {@code name} over its labels; empty when there is none. */
    public OptionalDouble least(String name) {
        return values(name).stream().mapToDouble(Double::doubleValue).min();
    }

    private List<Double> values(String name) {
        return text.lines().flatMap(line -> value(line, name)).toList();
    }

    private static Stream<Double> value(String line, String name) {
        if (!line.startsWith(name)) {
            return Stream.empty();
        }
        String rest = line.substring(name.length());
        int start = rest.startsWith("{") ? rest.lastIndexOf('}') + 1 : 0;
        if (!rest.startsWith("{") && !rest.startsWith(" ")) {
            return Stream.empty();
        }
        String number = rest.substring(start).strip().split(" ", 2)[0];
        try {
            return Stream.of(Double.valueOf(number));
        } catch (NumberFormatException _) {
            return Stream.empty();
        }
    }
}
