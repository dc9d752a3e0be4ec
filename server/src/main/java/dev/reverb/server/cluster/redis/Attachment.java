package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ChannelId;

/** A channel that this node has subscribers in. Loop only. */
final class Attachment {

    private final ChannelId channel;
    private final long since = System.nanoTime();
    private boolean announced;
    private boolean wanted = true;

    Attachment(ChannelId channel) {
        this.channel = channel;
    }

    ChannelId channel() {
        return channel;
    }

    /** {@link System#nanoTime} of the attach. */
    long since() {
        return since;
    }

    /** Whether the channels were told that it is attached; before, they hear nothing of it. */
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

    /** Whether nodes share more of it than its messages: members or a cached event. */
    boolean stateful() {
        String name = channel.name();
        return name.startsWith("presence-") || name.startsWith("cache-") || name.contains("-cache-");
    }
}
