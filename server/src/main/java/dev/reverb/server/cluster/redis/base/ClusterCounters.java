package dev.reverb.server.cluster.redis.base;

import dev.reverb.server.cluster.redis.fault.FaultCounters;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counters behind {@link dev.reverb.server.cluster.ClusterStatistics}. Written on the cluster's thread, or by
 * publishers, and read by any thread.
 */
public record ClusterCounters(
        LongAdder outages,
        LongAdder commands,
        LongAdder published,
        LongAdder received,
        LongAdder duplicates,
        LongAdder recoveries,
        LongAdder recovered,
        LongAdder lost,
        LongAdder replayed,
        LongAdder refused,
        LongAdder overShare,
        LongAdder reaped,
        LongAdder lapsed,
        LongAdder skipped,
        LongAdder setAside,
        FaultCounters errors) {

    /** All at zero. */
    public static ClusterCounters create() {
        return new ClusterCounters(new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(),
                new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(),
                new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(), new FaultCounters());
    }
}
