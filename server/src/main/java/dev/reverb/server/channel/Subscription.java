package dev.reverb.server.channel;

import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.resume.ResumeRequest;
import org.jspecify.annotations.Nullable;

/** One connection in one channel. Fields belong to the connection's loop unless said otherwise. */
public final class Subscription {

    /** What became of a wish to subscribe. */
    enum Entry {
        /** The channel has just gone. */
        NONE, FULL, FIRST, LATER
    }

    final Recipient recipient;
    final SharedChannel channel;
    private final @Nullable PresenceMember member;

    /** Set under the channel's lock, before the loop receives it. */
    @Nullable
    LoopChannel part;
    /** The part that it is in on its loop; null before it was in one. */
    @Nullable
    LoopChannel home;
    /** Place in {@link #home}; -1 while in none. */
    int index = -1;
    /** Whether it was ended, perhaps before it began. */
    boolean ended;

    /**
     * Whether its history is being read, or what was read waits for the loop. Set under the channel's lock, cleared on
     * the loop.
     */
    volatile boolean reading;

    /** What it asked for of the past; null for a client that knows nothing of positions. */
    final @Nullable ResumeRequest resume;

    Subscription(Recipient recipient, SharedChannel channel, @Nullable PresenceMember member,
            @Nullable ResumeRequest resume) {
        this.resume = resume;
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

    /** Whether memory is or will be taken by what is read of its history. */
    public boolean reads() {
        return reading || (part == null && !ended);
    }

    /** Whether {@code subscription_succeeded} was sent and events are delivered. */
    public boolean active() {
        return index >= 0;
    }
}
