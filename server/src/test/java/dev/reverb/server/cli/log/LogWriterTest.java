package dev.reverb.server.cli.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** The log has a reader that may be slow, may stop, or may be gone. */
final class LogWriterTest {

    /** Takes nothing until it is opened. */
    private static final class Pipe extends OutputStream {
        private final CountDownLatch open = new CountDownLatch(1);
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private volatile boolean broken;
        private volatile boolean refused;

        @Override
        public void write(int b) throws IOException {
            write(new byte[]{(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (broken) {
                refused = true;
                throw new IOException("Broken pipe");
            }
            synchronized (written) {
                written.write(bytes, from, length);
            }
        }

        List<String> lines() {
            synchronized (written) {
                return written.toString(StandardCharsets.UTF_8).lines().toList();
            }
        }
    }

    private static LogRecord line(String text) {
        LogRecord line = new LogRecord(Level.INFO, text);
        line.setLoggerName("test");
        return line;
    }

    @Test
    void whoLogsNeverWaitsForTheReaderAndWhatIsDroppedIsCountedAndSaid() {
        Pipe pipe = new Pipe();
        try (LogWriter log = new LogWriter(pipe, new TextLines())) {
            int published = LogWriter.MAX_RECORDS + 1_000;
            for (int i = 0; i < published; i++) {
                log.publish(line("line " + i));
            }
            pipe.open.countDown();
            Await.until("the line about dropped ones",
                    () -> pipe.lines().stream().anyMatch(line -> line.contains("dropped")));
            long written = pipe.lines().stream().filter(line -> line.contains(": line ")).count();
            String said = pipe.lines().stream().filter(line -> line.contains("dropped")).findFirst().orElseThrow();
            assertTrue(said.contains(" WARN ") && said.contains((published - written) + " log lines were dropped"),
                    said);
            log.publish(line("after"));
            log.flush();
            assertTrue(pipe.lines().getLast().endsWith(": after"), pipe.lines()::getLast);
        }
    }

    @Test
    void longLinesAreBoundedByTheirLengthToo() {
        Pipe pipe = new Pipe();
        try (LogWriter log = new LogWriter(pipe, new TextLines())) {
            String megabyte = "x".repeat(1 << 20);
            for (int i = 0; i < 100; i++) {
                log.publish(line(megabyte));
            }
            pipe.open.countDown();
            Await.until("the line about dropped ones",
                    () -> pipe.lines().stream().anyMatch(line -> line.contains("dropped")));
            long written = pipe.lines().stream().filter(line -> line.length() > 1 << 20).count();
            assertTrue(written <= 1 + LogWriter.MAX_CHARS / (1 << 20), "there were " + written);
        }
    }

    @Test
    void theLastLinesAreWrittenBeforeTheProcessEnds() {
        Pipe pipe = new Pipe();
        pipe.open.countDown();
        LogWriter log = new LogWriter(pipe, new TextLines());
        for (int i = 0; i < 1_000; i++) {
            log.publish(line("line " + i));
        }
        log.close();
        assertEquals(1_000, pipe.lines().size());
        assertTrue(pipe.lines().getLast().endsWith(": line 999"));
    }

    @Test
    void anEndIsNotHeldUpByAReaderThatStalls() {
        LogWriter log = new LogWriter(new Pipe(), new TextLines());
        log.publish(line("nobody reads this"));
        long start = System.nanoTime();
        log.close();
        assertTrue(System.nanoTime() - start < 20_000_000_000L);
    }

    @Test
    void aReaderThatIsGoneEndsNothing() {
        Pipe pipe = new Pipe();
        pipe.open.countDown();
        pipe.broken = true;
        try (LogWriter log = new LogWriter(pipe, new TextLines())) {
            log.publish(line("lost"));
            Await.until("the write to fail", () -> pipe.refused);
            pipe.broken = false;
            log.publish(line("after"));
            Await.until("the log to go on", () -> pipe.lines().stream().anyMatch(line -> line.endsWith(": after")));
        }
    }
}
