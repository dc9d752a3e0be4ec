package dev.reverb.model;

/**
 * What histories may take, bytes: of all applications together, and of one.
 *
 * @param all of all applications; {@code limits.history_memory}
 * @param ofApp of one; {@code limits.history_memory_per_app}
 */
public record HistoryBounds(int all, int ofApp) {

    /** Where nothing else is said, and a server keeps its histories in its own memory. */
    public static final HistoryBounds IN_MEMORY = of(64 << 20);
    /** Where nothing else is said, and all servers keep them in Redis. */
    public static final HistoryBounds IN_REDIS = of(256 << 20);

    /** {@code all} for all applications, and a half of it for one. */
    public static HistoryBounds of(int all) {
        return new HistoryBounds(all, all / 2);
    }
}
