package dev.reverb.server.cluster;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import java.util.List;
import java.util.Optional;

/**
 * Carries publications between nodes. Delivery to this node's own subscribers is the caller's, at once; the broker
 * never hands a publication back to the node that published it.
 *
 * <p>Order: publications of one node to one channel reach every other attached node in the order of the
 * {@link #publish} calls, each exactly once, over interruptions shorter than the retention too. All methods may be
 * called from any thread and do not block.
 */
public interface Broker {

    /**
     * Accepts {@code batch} whole or not at all.
     *
     * @param acknowledged runs once, on any thread (perhaps before this method returns), when the batch is safe:
     *     written
     *     to the shared log, or, with the link down, held by this node within its bounds
     * @return false when it is refused because this node can hold no more (or must not, by {@code when_down: refuse},
     *     or
     *     subscribers lag too far behind): nothing of it is sent and {@code acknowledged} never runs
     */
    boolean publish(List<Publication> batch, Runnable acknowledged);

    /** Why a batch of {@code app} was refused just now, where the application itself is the reason. Any thread. */
    default Optional<String> refusal(String app) {
        return Optional.empty();
    }

    /**
     * From now on this node has subscribers in {@code channel}. {@link ClusterEvents#onAttached} follows exactly once,
     * perhaps before this method returns, as soon as everything published from then on will arrive here; at once, with
     * what is known locally, while the link is down (a resync follows when it is back).
     *
     * @param attachment a number that the answer carries: where a channel is detached and attached again, the answer to
     *     the first attach may come after the second
     */
    void attach(ChannelId channel, long attachment);

    /** For who attaches a channel once only: the number is 0. */
    default void attach(ChannelId channel) {
        attach(channel, 0);
    }

    /** This node's last subscriber left {@code channel}; nothing more is delivered for it. */
    void detach(ChannelId channel);
}
