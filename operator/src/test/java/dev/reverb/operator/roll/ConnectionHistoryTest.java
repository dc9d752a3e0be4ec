package dev.reverb.operator.roll;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ConnectionHistoryTest {
    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private final ConnectionHistory history = new ConnectionHistory();

    private void read(int second, long connections) {
        history.add(START.plusSeconds(second), OptionalLong.of(connections));
    }

    @Test
    void settlesAfterThreeEqualReadingsOverTwoSeconds() {
        read(1, 500);
        read(2, 503);
        assertFalse(history.settled(START, TIMEOUT, START.plusSeconds(2)));
        read(3, 501);
        assertTrue(history.settled(START, TIMEOUT, START.plusSeconds(3)));
    }

    @Test
    void doesNotSettleWhileClientsComeBack() {
        read(1, 100);
        read(2, 200);
        read(3, 300);
        assertFalse(history.settled(START, TIMEOUT, START.plusSeconds(3)));
    }

    @Test
    void readingsFromBeforeTheLastChangeDoNotCount() {
        read(1, 500);
        read(2, 500);
        read(3, 500);
        assertFalse(history.settled(START.plusSeconds(3), TIMEOUT, START.plusSeconds(4)));
    }

    @Test
    void settlesAtTheTimeoutWhateverIsRead() {
        read(59, 100);
        read(60, 900);
        assertFalse(history.settled(START, TIMEOUT, START.plusSeconds(59)));
        assertTrue(history.settled(START, TIMEOUT, START.plusSeconds(60)));
    }

    @Test
    void aServerThatDoesNotAnswerStartsTheReadingsAgain() {
        read(1, 500);
        read(2, 500);
        history.add(START.plusSeconds(3), OptionalLong.empty());
        read(4, 500);
        assertFalse(history.settled(START, TIMEOUT, START.plusSeconds(4)));
    }
}
