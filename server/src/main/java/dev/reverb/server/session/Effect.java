package dev.reverb.server.session;

import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.resume.ResumeRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one message of a client makes the server do. */
public sealed interface Effect {

    /** Nothing. */
    enum None implements Effect {
        /** The only one. */
        NONE
    }

    /**
     * Send a message to this client.
     *
     * @param message UTF-8 JSON
     */
    record Reply(byte[] message) implements Effect {}

    /**
     * The client is signed in from now on, perhaps anew as the same user: it gets {@code pusher:signin_success}.
     *
     * @param message UTF-8 JSON
     * @param watchlist ids of the users whose coming and going it receives; null where watchlists are off
     */
    record SignedIn(byte[] message, @Nullable List<String> watchlist) implements Effect {}

    /**
     * Send an error and close the connection with its code.
     *
     * @param error which
     */
    record Close(ProtocolError error) implements Effect {}

    /**
     * Refuse the message, since the client sends more than its rate limit allows.
     *
     * @param close whether the connection ends with it
     */
    record RateLimited(boolean close) implements Effect {}

    /**
     * Refuse to subscribe, since the client has left presence channels too often.
     *
     * @param channel its name
     */
    record TooManyLeaves(String channel) implements Effect {}

    /**
     * Subscribe this client, instead of what it is subscribed to under that name.
     *
     * @param channel its name, valid and authorised
     * @param member who the client is on a presence channel; null elsewhere, and where it has no member
     * @param resume what it asks for of the past; null for a client that knows nothing of positions
     */
    record Subscribe(String channel, @Nullable PresenceMember member, @Nullable ResumeRequest resume)
            implements Effect {
        /** By a client that knows nothing of positions. */
        public Subscribe(String channel, @Nullable PresenceMember member) {
            this(channel, member, null);
        }
    }

    /**
     * Send the greeting of a channel once more; the client is subscribed to it already.
     *
     * @param channel its name
     */
    record GreetAgain(String channel) implements Effect {}

    /**
     * End the subscription to a channel.
     *
     * @param channel its name; the client is subscribed to it
     */
    record Unsubscribe(String channel) implements Effect {}

    /**
     * Publish a client event to the other subscribers of a channel.
     *
     * @param channel its name
     * @param message UTF-8 JSON
     */
    record Publish(String channel, byte[] message) implements Effect {}
}
