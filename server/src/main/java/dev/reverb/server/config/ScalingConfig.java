package dev.reverb.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Many nodes over Redis.
 *
 * @param enabled {@code REVERB_SCALING_ENABLED}, default false
 * @param prefix of every key and channel in Redis: {@code REVERB_SCALING_CHANNEL}, default {@code reverb}
 * @param redis how Redis is reached
 * @param lease how long a silent node keeps its entries, default 6 s
 * @param retention how long a publication is kept for nodes whose link is down, default 60 s
 * @param whenDown what a publish is answered with while the link is down
 * @param readyWhenDown whether {@code /readyz} stays 200 while the link is down, default true
 */
public record ScalingConfig(
        boolean enabled,
        String prefix,
        RedisConfig redis,
        Duration lease,
        Duration retention,
        WhenDown whenDown,
        boolean readyWhenDown) {

    /** What a publish does while the link to Redis is down. */
    public enum WhenDown {
        /** Deliver locally and hold it, bounded, until the link is back; the default. */
        HOLD,
        /** Answer 503 at once. */
        REFUSE
    }

    /**
     * How Redis is reached: {@code REDIS_URL} or {@code REDIS_HOST}, {@code REDIS_PORT}, {@code REDIS_USERNAME},
     * {@code REDIS_PASSWORD}, {@code REDIS_DB}, {@code REDIS_TIMEOUT}.
     *
     * @param nodes {@code host:port}: one server, the Sentinels, or seed nodes of a Cluster
     * @param topology which of the three they are
     * @param sentinelMaster the name that the Sentinels know the primary by
     * @param sentinelPassword password of the Sentinels
     * @param username ACL user
     * @param password password
     * @param database number, 0 in a Cluster
     * @param tls whether links are encrypted
     * @param cafile certificates to verify the server against; the system's when empty
     * @param verifyPeer whether the server's certificate is verified
     * @param timeout of one command
     */
    public record RedisConfig(
            List<String> nodes,
            Topology topology,
            Optional<String> sentinelMaster,
            Optional<String> sentinelPassword,
            Optional<String> username,
            Optional<String> password,
            int database,
            boolean tls,
            Optional<Path> cafile,
            boolean verifyPeer,
            Duration timeout) {
        public RedisConfig {
            nodes = List.copyOf(nodes);
        }

        @Override
        public String toString() {
            return "RedisConfig[" + topology + " " + nodes + "]";
        }
    }

    /** What kind of Redis installation it is. */
    public enum Topology {
        SINGLE, SENTINEL, CLUSTER
    }
}
