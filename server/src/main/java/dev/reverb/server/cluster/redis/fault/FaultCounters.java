package dev.reverb.server.cluster.redis.fault;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How often each {@link RedisFault} happened. Any thread. */
public final class FaultCounters {

    private final Map<RedisFault, LongAdder> counts = new EnumMap<>(RedisFault.class);

    public FaultCounters() {
        for (RedisFault fault : RedisFault.values()) {
            counts.put(fault, new LongAdder());
        }
    }

    public void increment(RedisFault fault) {
        LongAdder count = counts.get(fault);
        if (count != null) { // all are there
            count.increment();
        }
    }

    /** All codes, those that never happened too. */
    public Map<String, Long> byCode() {
        Map<String, Long> all = new LinkedHashMap<>();
        counts.forEach((fault, count) -> all.put(fault.name(), count.sum()));
        return all;
    }
}
