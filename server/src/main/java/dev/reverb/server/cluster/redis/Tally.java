package dev.reverb.server.cluster.redis;

import java.util.concurrent.atomic.LongAdder;

/** Counters behind {@link RedisStatistics}; written on the loop, read from any thread. */
final class Tally {
    final LongAdder outages = new LongAdder();
    final LongAdder commands = new LongAdder();
    final LongAdder published = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder recoveries = new LongAdder();
    final LongAdder recovered = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder replayed = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder reaped = new LongAdder();
    final LongAdder lapsed = new LongAdder();
}
