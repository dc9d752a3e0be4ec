package dev.reverb.server.cluster.redis.base;

import dev.reverb.server.config.ScalingConfig;
import java.time.Duration;

/**
 * All intervals, derived from the two that can be set.
 *
 * @param lease how long a silent node keeps its entries
 * @param beat between two heartbeats: a third of the lease, so that one may be lost
 * @param command how long a command may take before the link counts as down: two thirds of a lease
 * @param retention how long what was published can be recovered or published again
 * @param counting how long changed counts gather before they are written
 */
public record ClusterTiming(Duration lease, Duration beat, Duration command, Duration retention, Duration counting) {

    /** How long a log outlives its last frame; {@code write.lua} sets it. */
    public Duration logKept() {
        return retention.multipliedBy(3);
    }

    public static ClusterTiming of(ScalingConfig config) {
        Duration beat = config.lease().dividedBy(3);
        Duration patience = beat.multipliedBy(2);
        Duration command = patience.compareTo(config.redis().timeout()) < 0 ? patience : config.redis().timeout();
        return new ClusterTiming(config.lease(), beat, command, config.retention(), Duration.ofMillis(5));
    }
}
