package dev.reverb.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoMiddleOnes() {
        assertEquals(3, Statistics.median(9, 1, 3));
        assertEquals(2.5, Statistics.median(9, 1, 3, 2));
        assertTrue(Double.isNaN(Statistics.median()));
    }

    @Test
    void theSpreadIsHalfTheRangeAsAShareOfTheMedian() {
        assertEquals(0.1, Statistics.spread(90, 100, 110), 1e-9);
        assertEquals(0, Statistics.spread(5));
        assertTrue(Double.isNaN(Statistics.spread()));
    }
}
