package dev.reverb.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.bench.load.PublishLoad;
import dev.reverb.bench.load.PublishLoad.Interest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsTest {

    private static List<Row> named(String start) {
        return Rows.ALL.stream().filter(row -> row.id().startsWith(start)).toList();
    }

    @Test
    void growthIsMeasuredWithOneTwoFourAndEightNodesUnderTheSameLoad() {
        for (Interest interest : Interest.values()) {
            List<Row> rows = named(interest == Interest.ONE ? "sparse-" : "dense-");
            assertEquals(List.of(1, 2, 4, 8), rows.stream().map(row -> row.setup().nodes()).toList());
            for (Row row : rows) {
                assertEquals(row.id().replaceFirst("\\D+", ""), Integer.toString(row.setup().nodes()));
                assertEquals(interest, ((PublishLoad) row.scenario()).interest());
                assertEquals(rows.getFirst().scenario(), row.scenario());
                assertEquals(rows.getFirst().figures(), row.figures());
            }
        }
    }

    @Test
    void thePageNamesEveryRow() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "benchmarks.md"));
        for (Row row : Rows.ALL) {
            assertTrue(page.contains("`" + row.id() + "`"), "docs/benchmarks.md does not name " + row.id());
        }
    }
}
