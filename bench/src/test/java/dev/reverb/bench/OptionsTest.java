package dev.reverb.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void withoutOptionsEveryRowIsMeasuredInFiveRounds() throws Options.Wrong {
        Options options = parse();
        assertEquals(Rows.ALL, options.rows());
        assertEquals(5, options.rounds());
        assertEquals(2, parse("--quick").rounds());
        assertEquals(7, parse("--quick", "--rounds", "7").rounds());
    }

    @Test
    void rowsArePickedByName() throws Options.Wrong {
        assertEquals(List.of("calm", "storm"), parse("--rows", "calm,storm").rows().stream().map(Row::id).toList());
    }

    @Test
    void aWrongOptionIsNamedWithWhatIsAllowed() {
        assertTrue(wrong("--rows", "fanout").contains("no row fanout; there are fan-out-1000,"));
        assertTrue(wrong("--rounds", "0").contains("--rounds takes a number from 1 to 50, not 0"));
        assertTrue(wrong("--rounds").contains("--rounds takes a value"));
        assertTrue(wrong("--fast").contains("unknown option --fast"));
        assertTrue(wrong("--peer", "node x").contains("NAME=COMMAND"));
    }

    @Test
    void rowNamesAreDistinct() {
        assertEquals(Rows.ALL.size(), Rows.ALL.stream().map(Row::id).distinct().count());
    }

    private static Options parse(String... arguments) throws Options.Wrong {
        return Options.parse(List.of(arguments), Path.of("target"), List.of("java"));
    }

    private static String wrong(String... arguments) {
        return String.valueOf(assertThrows(Options.Wrong.class, () -> parse(arguments)).getMessage());
    }
}
