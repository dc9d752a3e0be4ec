package dev.reverb.bench;

import dev.reverb.bench.load.Measure;
import dev.reverb.bench.load.Scenario;
import java.util.List;

/**
 * A row of the table.
 *
 * @param id its name on the command line
 * @param title its name in the report
 * @param scenario the load
 * @param figures what is taken from it
 */
public record Row(String id, String title, Scenario scenario, List<Figure> figures) {
    /**
     * A figure of a row.
     *
     * @param measure what
     * @param goal what it has to reach
     */
    public record Figure(Measure measure, Goal goal) {}

    /** Copies the figures. */
    public Row {
        figures = List.copyOf(figures);
    }
}
