package dev.reverb.server.resume;

import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.HistoryPoint;
import dev.reverb.server.cluster.Publication;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of the history of a channel that it has subscribers in: up to where they have it. Guarded by the
 * channel's history lock.
 */
public final class ChannelHistory {

    private final Histories.Rule rule;
    private final List<Gap> gaps = new ArrayList<>(1);
    private @Nullable HistoryPoint last;
    /** This node's last publication that was delivered, and the last that the log was seen to have. */
    private long own;
    private long logged;

    /** @param rule how much the channel keeps */
    public ChannelHistory(Histories.Rule rule) {
        this.rule = rule;
    }

    /** How much the channel keeps. */
    public Histories.Rule rule() {
        return rule;
    }

    /** Up to where the history was delivered; null where that is not known. */
    public @Nullable HistoryPoint last() {
        return last;
    }

    /** Everything up to {@code point} was delivered, or was published before anybody subscribed. */
    public void adopt(HistoryPoint point) {
        last = point;
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
        return Replay.of(new Replay.Input(request, socketId, node, page, gap.start, last, gap.unwritten, gap.held,
                gap.overflow(), nowMillis, most));
    }

    /** Of this node, what its subscribers have and the log may not. */
    public List<Seen> seen(String node) {
        return own > logged ? List.of(new Seen(node, own)) : List.of();
    }
}
