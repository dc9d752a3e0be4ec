package dev.reverb.bench;

import dev.reverb.bench.load.Scenario;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.target.Setup;
import java.util.List;

/**
 * A row of the table.
 *
 * @param id its name on the command line
 * @param title its name in the report
 * @param scenario the load
 * @param figures what is taken from it
 * @param setup what the server is started with; where that is not the plain one, the floor's place is taken by the
 *     plain server, or by nobody
 */
public record Row(String id, String title, Scenario scenario, List<Figure> figures, Setup setup) {
    /** A row of servers by their defaults. */
    public Row(String id, String title, Scenario scenario, List<Figure> figures) {
        this(id, title, scenario, figures, Setup.PLAIN);
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
