package dev.reverb.operator.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.operator.scale.BuiltinScaler.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BuiltinScalerTest {
    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    private static final Target TARGET = new Target(2, 10, 100, Duration.ofSeconds(60));
    private final BuiltinScaler scaler = new BuiltinScaler();

    private int wanted(int current, long connections, int second) {
        return scaler.wanted(TARGET, current, true, OptionalLong.of(connections), START.plusSeconds(second));
    }

    @Test
    void goesUpAtOnceAndNeverAboveTheMost() {
        assertEquals(4, wanted(2, 400, 0));
        assertEquals(10, wanted(4, 5_000, 1));
    }

    @Test
    void staysWithinTheTolerance() {
        assertEquals(2, wanted(2, 219, 0));
        assertEquals(3, wanted(2, 221, 1));
    }

    @Test
    void goesDownOneAtATimeWhenALowerNeedHasLastedTheWindow() {
        assertEquals(5, wanted(5, 500, 0));
        assertEquals(5, wanted(5, 210, 30));
        assertEquals(5, wanted(5, 210, 59));
        assertEquals(4, wanted(5, 210, 90));
    }

    @Test
    void aPeakWithinTheWindowKeepsTheServers() {
        wanted(5, 500, 0);
        wanted(5, 210, 30);
        wanted(5, 480, 80);
        assertEquals(5, wanted(5, 210, 100));
        assertEquals(4, wanted(5, 210, 141));
    }

    @Test
    void aWholeWindowPassesAfterARestart() {
        assertEquals(5, wanted(5, 0, 0));
        assertEquals(5, wanted(5, 0, 59));
        assertEquals(4, wanted(5, 0, 60));
    }

    @Test
    void removesNothingWhileServersComeOrGo() {
        wanted(5, 0, 0);
        assertEquals(5, scaler.wanted(TARGET, 5, false, OptionalLong.of(0), START.plusSeconds(100)));
    }

    @Test
    void changesNothingWhenAServerDoesNotAnswer() {
        assertEquals(3, scaler.wanted(TARGET, 3, true, OptionalLong.empty(), START));
    }

    @Test
    void thoseThatAnswerAddServersAndRemoveNone() {
        assertEquals(5, scaler.atLeast(TARGET, 3, 450));
        assertEquals(3, scaler.atLeast(TARGET, 3, 50));
    }

    @Test
    void neverGoesBelowTheLeast() {
        wanted(2, 0, 0);
        assertEquals(2, wanted(2, 0, 100));
    }
}
