package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverb.server.cli.log.JsonLines;
import dev.reverb.server.cli.log.TextLines;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** What clients send stands in the log as text, and commands no terminal. */
final class LogLinesTest {

    private static final String HOSTILE = "a\u009b31mb\u001b[2Jc\u0085d\u2028e\u202ef\u2066g\u007fh";

    private static LogRecord record() {
        LogRecord record = new LogRecord(Level.WARNING, HOSTILE);
        record.setLoggerName("x");
        record.setThrown(new IllegalStateException(HOSTILE));
        return record;
    }

    private static void assertHarmless(String line) {
        assertFalse(line.replace("\n", "").replace("\t", "").chars().anyMatch(c -> TextLines.harmful((char) c)), line);
    }

    @Test
    void aLineOfTextHasNoControls() {
        String line = new TextLines().format(record());
        assertHarmless(line);
        assertEquals("a?31mb?[2Jc?d?e?f?g?h", line.lines().findFirst().orElse("").replaceFirst(".*x: ", ""));
    }

    @Test
    void aLineOfJsonHasThemEscaped() {
        assertHarmless(new JsonLines().format(record()));
    }
}
