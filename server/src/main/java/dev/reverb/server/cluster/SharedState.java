package dev.reverb.server.cluster;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Member;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Presence, counts and quota over all nodes. Every entry belongs to the node that made it and goes with that node's
 * lease. Changes go one way: while the link is down they are kept and asserted again when it is back. No method
 * blocks; any thread may call.
 */
public interface SharedState {

    /** What became of a question whether a channel has room for a member. */
    enum Admission {
        /** The user is a member over all nodes now. */
        ADMITTED,
        /** The channel has as many members as it may have. */
        REFUSED,
        /** No other node was asked: this node decides by what it knows, and calls {@link #join}. */
        UNKNOWN
    }

    /** This node's first connection of {@code member} joined {@code channel} (presence channels only). */
    void join(ChannelId channel, Member member);

    /**
     * This node's first connection of {@code member} wants to join {@code channel}, whose users over all nodes may be
     * {@code max}; a user who is a member already needs no room. Of nodes that ask at once no more than that pass.
     * Costs a round trip to where the members are kept.
     *
     * @param decided receives the answer once, on any thread, perhaps before this method returns; its result says
     *     whether the member is still wanted: an admitted one that nobody wants is removed again
     */
    default void admit(ChannelId channel, Member member, int max, Predicate<Admission> decided) {
        var _ = decided.test(Admission.UNKNOWN);
    }

    /** This node's last connection of {@code userId} left {@code channel}. */
    void leave(ChannelId channel, String userId);

    /**
     * This node now has {@code subscriptions} in {@code channel}; 0 removes the entry. Calls may be merged.
     *
     * @param announced whether every attached node, this one too, receives the new total by
     *     {@link ClusterEvents#onCounted}
     */
    void count(ChannelId channel, int subscriptions, boolean announced);

    /** As the other one, announced to nobody. */
    default void count(ChannelId channel, int subscriptions) {
        count(channel, subscriptions, false);
    }

    /**
     * Counts a connection of {@code app} in, against {@code limit} over all nodes (0: no limit, always admitted at
     * once).
     *
     * @param decided receives true when admitted, on any thread, perhaps before this method returns; with the link down
     *     the last known total decides
     */
    void connect(String app, int limit, Consumer<Boolean> decided);

    /** Counts an admitted connection out. */
    void disconnect(String app);

    /**
     * Sends {@code control} to the other nodes.
     *
     * @param acknowledged runs once, on any thread, when every node that lives carries it out, soon if not already; or,
     *     with the link down, when it is held until the link is back
     */
    void broadcast(Control control, Runnable acknowledged);

    /** This node's clients of {@code app} were sent so many messages, and sent so many, since the last call. */
    void messages(String app, long sent, long received);
}
