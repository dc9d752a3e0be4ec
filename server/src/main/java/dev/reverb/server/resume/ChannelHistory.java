package dev.reverb.server.resume;

import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.cluster.message.Publication;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of the history of a channel that it has subscribers in: up to where they have it. Guarded by the
 * channel's history lock.
 */
public final class ChannelHistory {

    private final KeepRule rule;
    private final List<Gap> gaps = new ArrayList<>(1);
    private @Nullable HistoryPoint last;
    /** This node's last publication that was delivered, and the last that the log was seen to have. */
    private long own;
    private long logged;
    /** Of each node that published lately its last number that was delivered, the newest last. */
    private final LinkedHashMap<String, Last> had = new LinkedHashMap<>(4);

    /** A number, and when it was noted. */
    private record Last(long number, long nanos) {}

    /** A node that published nothing for so long writes nothing again that Redis lost. */
    private static final long RECENT_NANOS = 240_000_000_000L;

    /** @param rule how much the channel keeps */
    public ChannelHistory(KeepRule rule) {
        this.rule = rule;
    }

    /** How much the channel keeps. */
    public KeepRule rule() {
        return rule;
    }

    /** Up to where the history was delivered; null where that is not known. */
    public @Nullable HistoryPoint last() {
        return last;
    }

    /** Everything up to {@code point} was delivered, or was published before anybody subscribed. */
    public void adopt(HistoryPoint point, Map<String, Long> numbers) {
        last = point;
        numbers.forEach(this::note);
        if (!point.isNothing()) {
            note(point.origin(), point.number());
        }
    }

    private void note(String origin, long number) {
        long nanos = System.nanoTime();
        Last before = had.remove(origin);
        had.put(origin, new Last(before == null ? number : Math.max(number, before.number), nanos));
        if (had.size() > Token.MOST_SEEN) {
            var _ = had.pollFirstEntry();
        }
    }

    /** The log has reached one of this node's. */
    public void reached(HistoryPoint point) {
        last = point;
        logged = Math.max(logged, point.number());
    }

    /** A publication is delivered now, at {@code point}; without one, it is this node's. */
    public void delivered(Publication publication, @Nullable HistoryPoint point) {
        if (point == null) {
            own = Math.max(own, publication.number());
        } else {
            last = point;
            note(point.origin(), point.number());
        }
        for (int i = 0; i < gaps.size(); i++) {
            gaps.get(i).hold(new Held(publication, point));
        }
    }

    /** A client begins to wait for its history, or {@code unwritten} was published before it subscribed. */
    public void before(List<Publication> unwritten) {
        for (Publication publication : unwritten) {
            own = Math.max(own, publication.number());
        }
    }

    /** Holds what is delivered from now on, until {@link #close}. */
    public Gap open(List<Publication> unwritten) {
        before(unwritten);
        Gap gap = new Gap(last, unwritten);
        gaps.add(gap);
        return gap;
    }

    /** Decides what the client of {@code gap} is sent, and holds nothing for it any longer. */
    public Replay close(Gap gap, ResumeRequest request, long socketId, String node, Histories.@Nullable Page page,
            long nowMillis, long most) {
        gaps.remove(gap);
        Map<String, Long> numbers = new HashMap<>();
        had.forEach((origin, one) -> numbers.put(origin, one.number));
        return Replay.of(new Replay.Input(request, socketId, node, page, gap.start, last, numbers, gap.unwritten,
                gap.held, gap.overflow(), nowMillis, most));
    }

    /** Of this node, what its subscribers have and the log may not. */
    public List<Seen> seen(String node) {
        return own > logged ? List.of(new Seen(node, own)) : List.of();
    }

    private boolean isLast(String origin, long number) {
        return last != null && last.number() == number && last.origin().equals(origin);
    }

    /**
     * What its subscribers have of nodes that published lately; {@code node} is this one.
     * Without what {@link #last} and {@link #seen} say.
     */
    public List<Seen> had(String node) {
        List<Seen> all = new ArrayList<>(had.size() + 1);
        long old = System.nanoTime() - RECENT_NANOS;
        had.forEach((origin, one) -> {
            if (one.nanos - old > 0 && !origin.equals(node) && !isLast(origin, one.number)) {
                all.add(new Seen(origin, one.number));
            }
        });
        Last before = had.get(node);
        long mine = Math.max(own, before == null ? 0 : before.number);
        if (mine > 0 && own <= logged && !isLast(node, mine)) {
            all.add(new Seen(node, mine));
        }
        return all;
    }
}
