package dev.reverb.server.resume;

import dev.reverb.server.cluster.message.HistoryPoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client received on another node and this node may still deliver: because it is behind in the log, or because
 * the other node's publication is not in the log yet. Guarded by the channel's history lock.
 */
public final class Residue {

    /** A node that has not written for so long is gone: what it held went with it. */
    private static final long LIFE_NANOS = 900_000_000_000L;

    private @Nullable HistoryPoint ahead;
    private final List<Seen> seen;
    private final long sinceNanos;

    /** @param rest what the client has; its point only where this node is behind it */
    public Residue(Token rest, long nowNanos) {
        ahead = rest.point();
        seen = new ArrayList<>(rest.seen());
        sinceNanos = nowNanos;
    }

    /** Whether the client still needs what another node published; it has everything that this refuses. */
    public boolean passes(HistoryPoint point) {
        HistoryPoint before = ahead;
        boolean has = before != null && point.compareTo(before) <= 0;
        if (before != null && point.compareTo(before) >= 0) {
            ahead = null;
        }
        for (int i = seen.size() - 1; i >= 0; i--) {
            Seen one = seen.get(i);
            if (one.origin().equals(point.origin())) {
                has |= point.number() <= one.number();
                if (point.number() >= one.number()) {
                    seen.remove(i);
                }
            }
        }
        return !has;
    }

    /** Whether nothing is left that would have to be refused. */
    public boolean over(long nowNanos) {
        return (ahead == null && seen.isEmpty()) || nowNanos - sinceNanos > LIFE_NANOS;
    }

    /** What the client has when this node's subscribers have {@code last}, {@code own} and {@code had}. */
    public Token token(@Nullable HistoryPoint last, List<Seen> own, List<Seen> had) {
        List<Seen> all = new ArrayList<>(seen);
        all.addAll(own);
        HistoryPoint point = ahead != null && last != null && ahead.compareTo(last) > 0 ? ahead : last;
        return new Token(point, all, had);
    }
}
