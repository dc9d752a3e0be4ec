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
 * @param crossing whether publications enter at one node and subscribers hang on another; the floor's place is then
 *     taken by the server on one node
 */
public record Row(String id, String title, Scenario scenario, List<Figure> figures, boolean crossing) {
    /** A row of one server. */
    public Row(String id, String title, Scenario scenario, List<Figure> figures) {
        this(id, title, scenario, figures, false);
    }

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
