package dev.reverb.server.session;

/**
 * How often a client leaves presence channels. Each leave, and the join that may follow, goes to every member, so
 * that a few bytes of one client cost as much as the channel is large: who has left too often joins none for a while.
 * Joins alone are not counted: {@code limits.max_subscriptions} bounds them. One thread.
 */
final class PresenceChurn {

    /** Leaves at once. */
    static final int BURST = 250;
    /** Leaves a second, for as long as a client likes. */
    static final int PER_SECOND = 10;

    /** Thousandths of leaves, less what the rate allowed since. */
    private long leaves;
    private long at;

    void left(long nowMillis) {
        refill(nowMillis);
        leaves += 1_000;
    }

    /** Whether the client has left more often than it may, so that it may not join now. */
    boolean exceeded(long nowMillis) {
        refill(nowMillis);
        return leaves >= BURST * 1_000L;
    }

    private void refill(long nowMillis) {
        leaves = Math.max(0, leaves - (nowMillis - at) * PER_SECOND);
        at = nowMillis;
    }
}
