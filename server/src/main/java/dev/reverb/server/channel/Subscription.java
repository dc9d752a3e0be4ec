package dev.reverb.server.channel;

import dev.reverb.server.protocol.PresenceMember;
import org.jspecify.annotations.Nullable;

/** One connection in one channel. Fields belong to the connection's loop unless said otherwise. */
public final class Subscription {

    final Recipient recipient;
    final SharedChannel channel;
    private final @Nullable PresenceMember member;

    /** Set under the channel's lock, before the loop receives it. */
    @Nullable
    LoopChannel part;
    /** Place in {@link #part}; -1 while not in it. */
    int index = -1;
    /** Whether it was ended, perhaps before it began. */
    boolean ended;

    Subscription(Recipient recipient, SharedChannel channel, @Nullable PresenceMember member) {
        this.recipient = recipient;
        this.channel = channel;
        this.member = member;
    }

    /** Name of the channel. */
    public String channelName() {
        return channel.name;
    }

    /** The member that this connection is in a presence channel; null elsewhere. */
    public @Nullable PresenceMember member() {
        return member;
    }

    /** Whether its greeting lists members and is on its way through the inbox of the loop, or was sent. */
    public boolean greetedWithMembers() {
        return channel.members != null && part != null;
    }

    /** Whether its greeting may be much longer than what asks for it. */
    public boolean longGreeting() {
        return channel.members != null || channel.kind.cache();
    }

    /** Whether {@code subscription_succeeded} was sent and events are delivered. */
    public boolean active() {
        return index >= 0;
    }
}
