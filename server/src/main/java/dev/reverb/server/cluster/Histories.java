package dev.reverb.server.cluster;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.cluster.message.Publication;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What channels keep of their messages, for all nodes. A publication that carries a rule is kept when the broker
 * accepts it. No method blocks; any thread may call.
 */
public interface Histories {

    /**
     * A message that a channel keeps.
     *
     * @param point where it stands
     * @param millis when it was published, epoch milliseconds
     * @param exclude packed id of the connection that did not receive it, 0 for none
     * @param handed whether this node's subscribers have it, or will not get it from the log any more
     * @param message as clients receive it; not to be changed
     */
    record Entry(HistoryPoint point, long millis, long exclude, boolean handed, byte[] message) {}

    /**
     * A history of which all is there that this node has seen, though Redis may have lost it and have been given it
     * again in another order: points of before are not in it, but publications, by origin and number, are.
     *
     * @param sinceMillis of what was published after that nothing is missing, by the clock of points
     * @param begunMillis when the histories of its partition began, by that clock
     * @param whole whether nothing was ever dropped from it
     */
    record Remade(long sinceMillis, long begunMillis, boolean whole) {}

    /** What became of the point that was asked for. */
    enum Found {
        /** It is known, and nothing that came after it is lost. */
        YES,
        /** Something that came after it is no longer kept. */
        TOO_OLD,
        /** This history never had it. */
        UNKNOWN
    }

    /**
     * What a channel's history has.
     *
     * @param found whether the entries follow the point that was asked for with nothing between
     * @param current whether the history is the one that this node's subscribers follow; where it is not, nothing may
     *     be concluded from its points
     * @param own this node's last number before the entries, where it has unwritten ones; 0 for none
     * @param entries oldest first: those that follow the point where it was found, else all that are kept
     * @param remade what can be said where points are not found; null for nothing
     */
    record Page(Found found, boolean current, long own, List<Entry> entries, @Nullable Remade remade) {
        public Page {
            entries = List.copyOf(entries);
        }
    }

    /**
     * What is asked.
     *
     * @param rule how much the channel keeps, as configured now
     * @param after the point whose successors are wanted; null for the newest
     * @param had of nodes the last number that is had beside what stands up to {@code after}
     * @param current where this node's subscribers are; null where that is not known
     * @param unwritten whether this node has publications that it does not know to be written
     * @param newest how many are wanted at the most, the newest of them; only without {@code after}
     * @param patient whether a history that is not reached, or not whole again, may be waited for, a few seconds
     */
    record Question(
            KeepRule rule,
            @Nullable HistoryPoint after,
            Map<String, Long> had,
            @Nullable HistoryPoint current,
            boolean unwritten,
            int newest,
            boolean patient) {
        public Question {
            had = Map.copyOf(had);
        }
    }

    /**
     * What an application's histories take.
     *
     * @param bytes of messages, with what they take beside; over all nodes, as of the last heartbeat
     * @param dropped messages that had to go before their time so that the bounds hold, by this node since its start
     */
    record Usage(long bytes, long dropped) {}

    /**
     * Bounds what all channels keep together; beyond it what is oldest goes. In force from the next message on.
     *
     * @param all bytes of all applications
     * @param ofApp bytes of one application
     */
    void bound(long all, long ofApp);

    /** By application. */
    Map<String, Usage> usage();

    /**
     * This node is about to attach {@code channel}, which keeps its messages. Where its history ends is the answer, or,
     * where that is null, part of the state that answers the attach.
     */
    @Nullable
    HistoryPoint follow(ChannelId channel);

    /**
     * Reads what {@code channel} keeps.
     *
     * @param answer receives the page, or null when the history is not reached; once, on any thread, perhaps before
     *     this method returns
     */
    void read(ChannelId channel, Question question, Consumer<@Nullable Page> answer);

    /**
     * Publications of this node to {@code channel} that were accepted and that a read may not show yet, oldest first.
     */
    List<Publication> unwritten(ChannelId channel);

    /**
     * Where {@code publication}, which this node delivers to its own subscribers now, stands; null where only the log
     * will say ({@link ClusterEvents#onReached}).
     */
    @Nullable
    HistoryPoint placed(Publication publication);
}
