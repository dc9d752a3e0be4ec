package dev.reverb.server.clients;

import static org.junit.jupiter.api.Assertions.fail;

import com.pusher.client.Pusher;
import com.pusher.client.PusherOptions;
import com.pusher.client.channel.PresenceChannelEventListener;
import com.pusher.client.channel.PrivateEncryptedChannelEventListener;
import com.pusher.client.channel.PusherEvent;
import com.pusher.client.channel.User;
import com.pusher.client.connection.ConnectionEventListener;
import com.pusher.client.connection.ConnectionState;
import com.pusher.client.connection.ConnectionStateChange;
import com.pusher.rest.data.PresenceUser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@code pusher-java-client}, connected as one user; the server library authorizes its channels. */
final class Subscriber implements AutoCloseable {

    /** What the library reports beside events, as {@link Heard#event()}. */
    static final String SUBSCRIBED = "(subscribed)";
    static final String HERE = "(here)";
    static final String JOINED = "(joined)";
    static final String LEFT = "(left)";
    static final String CONNECTED = "(connected)";
    static final String FAILURE = "(failure)";

    /** The event of a cache channel that holds nothing. */
    static final String CACHE_MISS = "pusher:cache_miss";

    private static final long PATIENCE_NANOS = 60_000_000_000L;

    /** One thing that the library reported: an event of a channel, or one of the constants above. */
    record Heard(String channel, String event, String data, @Nullable String userId) {}

    private final List<Heard> heard = new ArrayList<>();
    private final Pusher client;

    Subscriber(int port, Publisher application, String userId) {
        PusherOptions options = new PusherOptions().setHost("127.0.0.1")
                .setWsPort(port)
                .setUseTLS(false)
                .setMaxReconnectionAttempts(20)
                .setMaxReconnectGapInSeconds(1)
                .setChannelAuthorizer((channel, socketId) -> channel.startsWith("presence-")
                        ? application.authenticate(socketId, channel,
                                new PresenceUser(userId, Map.of("name", "User " + userId)))
                        : application.authenticate(socketId, channel));
        client = new Pusher(Application.KEY, options);
        client.connect(new ConnectionEventListener() {
            @Override
            public void onConnectionStateChange(ConnectionStateChange change) {
                hear("", CONNECTED, "", null);
            }

            @Override
            public void onError(String message, String code, Exception e) {
                hear("", FAILURE, code + " " + message, null);
            }
        }, ConnectionState.CONNECTED);
        next("", CONNECTED);
    }

    String socketId() {
        return client.getConnection().getSocketId();
    }

    /** Subscribes by the library's method for the channel's kind, waits for the answer, and takes {@code events}. */
    void subscribe(String channel, String... events) {
        Listener listener = new Listener();
        if (channel.startsWith("private-encrypted-")) {
            client.subscribePrivateEncrypted(channel, listener, events);
        } else if (channel.startsWith("private-")) {
            client.subscribePrivate(channel, listener, events);
        } else if (channel.startsWith("presence-")) {
            client.subscribePresence(channel, listener, events);
        } else {
            client.subscribe(channel, listener, events);
        }
        next(channel, SUBSCRIBED);
    }

    void unsubscribe(String channel) {
        client.unsubscribe(channel);
    }

    void trigger(String channel, String event, String data) {
        if (channel.startsWith("presence-")) {
            client.getPresenceChannel(channel).trigger(event, data);
        } else {
            client.getPrivateChannel(channel).trigger(event, data);
        }
    }

    /** The oldest report of that channel and event which was not taken yet, or the next one. */
    synchronized Heard next(String channel, String event) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            for (Heard one : heard) {
                if (one.channel().equals(channel) && one.event().equals(event)) {
                    heard.remove(one);
                    return one;
                }
            }
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return fail("no " + event + " on \"" + channel + "\"; heard and not taken: " + heard);
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** What was reported of a channel and not taken. */
    synchronized List<String> left(String channel) {
        return heard.stream().filter(one -> one.channel().equals(channel)).map(Heard::event).toList();
    }

    private synchronized void hear(String channel, String event, String data, @Nullable String userId) {
        heard.add(new Heard(channel, event, data, userId));
        notifyAll();
    }

    @Override
    public void close() {
        client.disconnect();
    }

    private final class Listener implements PresenceChannelEventListener, PrivateEncryptedChannelEventListener {
        @Override
        public void onSubscriptionSucceeded(String channel) {
            hear(channel, SUBSCRIBED, "", null);
        }

        @Override
        public void onEvent(PusherEvent event) {
            // a cache miss has no data, which getData() does not bear
            String data = event.getEventName().equals(CACHE_MISS) ? "" : event.getData();
            hear(event.getChannelName(), event.getEventName(), data, event.getUserId());
        }

        @Override
        public void onUsersInformationReceived(String channel, Set<User> users) {
            Set<String> ids = new TreeSet<>();
            users.forEach(user -> ids.add(user.getId()));
            hear(channel, HERE, String.join(",", ids), null);
        }

        @Override
        public void userSubscribed(String channel, User user) {
            hear(channel, JOINED, user.getInfo(), user.getId());
        }

        @Override
        public void userUnsubscribed(String channel, User user) {
            hear(channel, LEFT, user.getInfo(), user.getId());
        }

        @Override
        public void onAuthenticationFailure(String message, Exception e) {
            hear("", FAILURE, message, null);
        }

        @Override
        public void onDecryptionFailure(String event, String reason) {
            hear("", FAILURE, event + ": " + reason, null);
        }
    }
}
