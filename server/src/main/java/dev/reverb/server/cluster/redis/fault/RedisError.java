package dev.reverb.server.cluster.redis.fault;

/**
 * One failure between this node and Redis, as it is logged.
 *
 * @param fault what it counts as
 * @param address where Redis is, {@code host:port}; what was configured, where the failing server is not known
 * @param words Redis's own, or the cause that the system names; no line breaks, no secret
 */
public record RedisError(RedisFault fault, String address, String words) {

    private static final int LONGEST = 300;

    public RedisError {
        String line = words.replaceAll("[\\r\\n\\t]+", " ").strip();
        words = line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
    }

    /** Whether Redis answered, and said no. */
    public boolean refusal() {
        return switch (fault) {
            case TIMEOUT, CONNECTION, UNKNOWN_HOST, TLS -> false;
            default -> true;
        };
    }

    @Override
    public String toString() {
        return address + ": " + words;
    }
}
