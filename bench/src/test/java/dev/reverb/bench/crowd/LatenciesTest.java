package dev.reverb.bench.crowd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void quantilesLieLessThanOnePercentAboveTheExactOnes() {
        Latencies latencies = new Latencies();
        for (int micros = 1; micros <= 100_000; micros++) {
            latencies.add(micros * 1000L);
        }
        for (double share : new double[]{0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1}) {
            double exact = share * 100_000 * 1000;
            double measured = latencies.quantile(share);
            assertTrue(measured >= exact && measured < exact * 1.01, share + ": " + measured + " for " + exact);
        }
    }

    @Test
    void shortLatenciesAreExact() {
        Latencies latencies = new Latencies();
        for (int nanos : new int[]{0, 1, 127, 128, 255}) {
            latencies.clear();
            latencies.add(nanos);
            assertEquals(nanos, latencies.quantile(0.5));
        }
    }

    @Test
    void oneSlowDeliveryInAHundredIsTheP99Only() {
        Latencies latencies = new Latencies();
        for (int i = 0; i < 980; i++) {
            latencies.add(1_000_000);
        }
        for (int i = 0; i < 20; i++) {
            latencies.add(50_000_000);
        }
        assertEquals(1.0, latencies.quantile(0.5) / 1e6, 0.01);
        assertEquals(50.0, latencies.quantile(0.99) / 1e6, 0.5);
    }

    @Test
    void outOfRangeCountsAsTheNearest() {
        Latencies latencies = new Latencies();
        latencies.add(-5);
        assertEquals(0, latencies.quantile(1));
        latencies.add(Long.MAX_VALUE);
        assertEquals((1L << 40) - 1, latencies.quantile(1), 1e10);
        assertEquals(2, latencies.count());
    }

    @Test
    void nothingHasNoQuantile() {
        assertTrue(Double.isNaN(new Latencies().quantile(0.5)));
        assertThrows(IllegalArgumentException.class, () -> new Latencies().quantile(0));
    }
}
