package dev.reverb.server.cluster.redis.log.read;

import dev.reverb.server.cluster.message.ChannelId;

/** A channel that this node has subscribers in. Cluster thread only. */
final class Interest {

    private final ChannelId channel;
    private final long attachment;
    private final long since;
    private final boolean keeps;
    private boolean announced;
    private boolean wanted = true;

    /**
     * @param attachment the number of the attach, which its answer carries
     * @param keeps whether the channel keeps its messages
     * @param since {@link dev.reverb.server.cluster.redis.base.Clock#nanos} of the attach
     */
    Interest(ChannelId channel, long attachment, long since, boolean keeps) {
        this.keeps = keeps;
        this.channel = channel;
        this.attachment = attachment;
        this.since = since;
    }

    ChannelId channel() {
        return channel;
    }

    long attachment() {
        return attachment;
    }

    /** {@link dev.reverb.server.cluster.redis.base.Clock#nanos} of the attach. */
    long since() {
        return since;
    }

    /** Whether {@code onAttached} was called for it; nothing is delivered to it before. */
    boolean announced() {
        return announced;
    }

    void announce() {
        announced = true;
    }

    /** Whether its state is yet to be fetched. */
    boolean wanted() {
        return wanted;
    }

    void want() {
        wanted = true;
    }

    void satisfied() {
        wanted = false;
    }

    /** Whether it keeps its messages. */
    boolean keeps() {
        return keeps;
    }

    /** Whether nodes share more of it than its messages: members or a cached event. */
    boolean stateful() {
        String name = channel.name();
        return keeps || name.startsWith("presence-") || name.startsWith("cache-") || name.contains("-cache-");
    }
}
