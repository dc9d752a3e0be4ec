package dev.reverb.bench.measure;

import java.util.Map;

/**
 * One measurement of one server.
 *
 * @param values what was measured
 * @param loadBusy share of its time that the load side was busy, from 0 to 1; what a poller found nothing in is spare
 * @param othersOnServerCore share of the server's core that other processes and the hypervisor took
 * @param othersOnLoadCore the same of the load's core
 */
public record Sample(Map<Measure, Double> values, double loadBusy, double othersOnServerCore, double othersOnLoadCore) {
    /** From this share on the load side may be what limits, and a rate is a lower bound. */
    public static final double LOAD_LIMIT = 0.95;

    /** Copies the values. */
    public Sample {
        values = Map.copyOf(values);
    }

    /** Whether the load side may have been what limited. */
    public boolean limitedByLoad() {
        return loadBusy > LOAD_LIMIT;
    }

    /** The larger share of a core that was not the benchmark's. */
    public double others() {
        return Math.max(othersOnServerCore, othersOnLoadCore);
    }
}
