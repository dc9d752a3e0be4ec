package dev.reverb.server.transport;

import dev.reverb.server.channel.LoopChannels;
import dev.reverb.server.metrics.LoopMeters;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.Signer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the connections of one loop share. Loop thread only, unless a method says otherwise. */
public final class LoopContext {

    private static final int SCRATCH = 16 * 1024;
    private static final int SIGNERS = 1024;

    private final EventLoop loop;
    private final LoopChannels channels;
    private final LoopMeters meters;
    private final TimerRing ring = new TimerRing();
    private final List<Connection> connections = new ArrayList<>();
    private final List<Connection> behind = new ArrayList<>();
    private final Map<String, Signer> signers = new HashMap<>();
    private final JsonObjectScanner clientMessage = new JsonObjectScanner("event", "channel", "data");
    private final JsonObjectScanner commandData = new JsonObjectScanner("channel", "auth", "channel_data", "user_data");
    private final byte[] scratch = new byte[SCRATCH];
    private final Probes probes;
    private final boolean scaling;
    private long nextTickNanos;

    /** @param scaling whether other nodes publish, and want to know how far connections are behind */
    LoopContext(EventLoop loop, LoopChannels channels, LoopMeters meters, boolean scaling) {
        this.loop = loop;
        this.channels = channels;
        this.meters = meters;
        this.scaling = scaling;
        this.probes = new Probes(channels);
    }

    /**
     * Starts the tick; any thread, once. Ticks that a stalled machine missed are not made up for: peers would be
     * closed for
     * silence that was this process's.
     */
    void start() {
        nextTickNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TimerRing.TICK_MILLIS);
        var _ = loop.scheduleWithFixedDelay(this::tick, TimerRing.TICK_MILLIS, TimerRing.TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private void tick() {
        long now = System.nanoTime();
        meters.lag(Math.max(0, now - nextTickNanos));
        nextTickNanos = now + TimeUnit.MILLISECONDS.toNanos(TimerRing.TICK_MILLIS);
        ring.tick();
        if (scaling) {
            probes.tick();
        }
        for (int i = behind.size() - 1; i >= 0; i--) {
            if (!behind.get(i).stillBehind(ring.now())) {
                behind.set(i, behind.getLast());
                behind.removeLast();
            }
        }
    }

    /** Looks after {@code connection} every tick, until it has caught up. */
    void watch(Connection connection) {
        behind.add(connection);
    }

    /** What its clients have not read yet. */
    Probes probes() {
        return probes;
    }

    /** The loop. Any thread. */
    public EventLoop eventLoop() {
        return loop;
    }

    /** Runs {@code task} on the loop; false when the loop has ended, and its connections with it. Any thread. */
    public boolean execute(Runnable task) {
        return channels.execute(task);
    }

    /** Its channels. Any thread. */
    public LoopChannels channels() {
        return channels;
    }

    /** Its counters. Any thread may read them. */
    public LoopMeters meters() {
        return meters;
    }

    TimerRing ring() {
        return ring;
    }

    /** Its connections; the list is live. */
    public List<Connection> connections() {
        return connections;
    }

    void add(Connection connection) {
        connection.place = connections.size();
        connections.add(connection);
    }

    void remove(Connection connection) {
        int place = connection.place;
        if (place < 0) {
            return;
        }
        Connection last = connections.removeLast();
        if (last != connection) {
            connections.set(place, last);
            last.place = place;
        }
        connection.place = -1;
    }

    /** The scanner of client messages: event, channel, data. */
    JsonObjectScanner clientMessage() {
        return clientMessage;
    }

    /** The scanner of what commands carry: channel, auth, channel_data, user_data. */
    JsonObjectScanner commandData() {
        return commandData;
    }

    /** Signs with {@code secret}; its key schedule is kept. */
    public Signer signer(String secret) {
        Signer signer = signers.get(secret);
        if (signer == null) {
            if (signers.size() >= SIGNERS) {
                signers.clear();
            }
            signer = new Signer(secret);
            signers.put(secret, signer);
        }
        return signer;
    }

    /** The readable bytes of {@code buffer}, from index 0 of an array that the next call overwrites. */
    byte[] bytes(ByteBuf buffer) {
        int length = buffer.readableBytes();
        byte[] target = scratch;
        if (length > target.length) {
            target = new byte[length]; // large messages are rare; keeping their array would be forever
        }
        buffer.getBytes(buffer.readerIndex(), target, 0, length);
        return target;
    }

    /** Names the loop. */
    @Override
    public String toString() {
        return "LoopContext[" + connections.size() + " connections]";
    }
}
