package dev.reverb.bench.crowd;

import dev.reverb.testkit.Credentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The subscribers of one measurement: opens them, a bounded number at a time, and is called for every delivery. Used on
 * the load thread.
 */
public final class Crowd implements AutoCloseable {
    /** Called for deliveries. */
    public interface Receiver {
        /** {@code count} messages reached {@code subscriber}, in one read. */
        void delivered(Subscriber subscriber, int count) throws LoadFailure;
    }

    /** One in so many subscribers is timed where not all are; a prime, so that every channel has its turn. */
    private static final int TIMED_EVERY = 61;

    private final LoadLoop loop;
    private final InetSocketAddress server;
    private final Credentials app;
    private final Stopwatch stopwatch;
    private final Receiver receiver;
    private final ByteBuffer upgrade;
    private final Map<Integer, ByteBuffer> subscriptions = new HashMap<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private boolean rooms;
    private boolean resuming;
    private boolean allTimed;
    private int subscribed;

    public Crowd(LoadLoop loop, InetSocketAddress server, Credentials app, Stopwatch stopwatch, Receiver receiver) {
        this.loop = loop;
        this.server = server;
        this.app = app;
        this.stopwatch = stopwatch;
        this.receiver = receiver;
        upgrade = ClientFrame.upgrade(app.key());
    }

    /** Lets the subscribers opened from now on join private rooms, from which they may send. */
    public Crowd inRooms() {
        rooms = true;
        return this;
    }

    /** Lets the subscribers opened from now on take part in resuming, so that each message carries its position. */
    public Crowd resumingIf(boolean wanted) {
        resuming = wanted;
        return this;
    }

    boolean resuming() {
        return resuming;
    }

    /** Times every delivery of the subscribers opened from now on, not only some. */
    public Crowd allTimed() {
        allTimed = true;
        return this;
    }

    public List<Subscriber> subscribers() {
        return subscribers;
    }

    Stopwatch stopwatch() {
        return stopwatch;
    }

    /**
     * Opens and subscribes {@code count} more, at most {@code atOnce} of them under way at a time; number i joins
     * channel
     * i modulo {@code channels}. Returns the nanoseconds it took.
     */
    public long open(int count, int channels, int atOnce) throws IOException {
        long start = System.nanoTime();
        long deadline = start + 10_000_000_000L + count * 2_000_000L;
        int wanted = subscribers.size() + count;
        while (subscribed < wanted) {
            while (subscribers.size() < wanted && subscribers.size() - subscribed < atOnce) {
                openOne(subscribers.size() % channels);
            }
            loop.turn(deadline);
            if (System.nanoTime() - deadline > 0) {
                throw new LoadFailure("only " + subscribed + " of " + wanted + " subscribers got through in "
                        + (deadline - start) / 1_000_000_000L + " s");
            }
        }
        return System.nanoTime() - start;
    }

    private void openOne(int channel) throws IOException {
        SocketChannel socket = SocketChannel.open();
        // on loopback a connect that blocks is one call and does not wait; one that does not block takes four
        socket.connect(server);
        if (rooms) {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        boolean timed = allTimed || subscribers.size() % TIMED_EVERY == 0;
        Subscriber subscriber = new Subscriber(this, socket, channel, timed);
        subscribers.add(subscriber);
        loop.add(socket, subscriber);
        subscriber.write(upgrade.rewind());
    }

    /** Sends the subscription of a connection that was greeted with {@code established}. */
    void subscribe(Subscriber subscriber, String established) throws IOException {
        if (rooms) {
            String room = Wire.room(subscriber.channel());
            String auth = app.auth(socketId(established), room);
            subscriber.write(ClientFrame.text("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + room
                    + "\",\"auth\":\"" + auth + "\"}}"));
        } else {
            subscriber.write(subscriptions.computeIfAbsent(subscriber.channel(), this::subscription).rewind());
        }
    }

    private ByteBuffer subscription(int channel) {
        return ClientFrame.text("{\"event\":\"pusher:subscribe\",\"data\":{\"auth\":\"\",\"channel\":\""
                + Wire.channel(channel) + (resuming ? "\",\"resume\":{}}}" : "\"}}"));
    }

    /** The socket id in the message that greets a connection. */
    public static String socketId(String established) throws LoadFailure {
        int key = established.indexOf("socket_id");
        int from = key + "socket_id\\\":\\\"".length();
        int to = established.indexOf('\\', from);
        if (key < 0 || to < 0) {
            throw new LoadFailure("no socket_id in " + established);
        }
        return established.substring(from, to);
    }

    void subscribed() {
        subscribed++;
    }

    void delivered(Subscriber subscriber, int count) throws LoadFailure {
        receiver.delivered(subscriber, count);
    }

    /** Cuts every connection off. */
    @Override
    public void close() throws IOException {
        for (Subscriber subscriber : subscribers) {
            subscriber.cut();
        }
        subscribers.clear();
        subscribed = 0;
        loop.forgetClosed();
    }
}
