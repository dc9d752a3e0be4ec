package dev.reverb.bench.crowd;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One client connection: it upgrades, waits for its socket id, subscribes to its channel, and from then on counts
 * messages. Used on the load thread.
 */
public final class Subscriber implements LoadLoop.Reader {
    private enum Stage {
        UPGRADING, SUBSCRIBING, RESUMING, SUBSCRIBED
    }

    private static final int LONGEST_GREETING = 1024;

    private final Crowd crowd;
    private final SocketChannel socket;
    private final FrameWalker walker = new FrameWalker(Wire.PAYLOAD);
    private final int channel;
    private final boolean timed;
    private Stage stage = Stage.UPGRADING;
    private byte[] greeting = new byte[LONGEST_GREETING];
    private int greetingSize;
    private long deliveries;
    private long sent;

    /**
     * @param channel the number of the channel to subscribe to
     * @param timed whether its messages are timed as well as counted
     */
    Subscriber(Crowd crowd, SocketChannel socket, int channel, boolean timed) {
        this.crowd = crowd;
        this.socket = socket;
        this.channel = channel;
        this.timed = timed;
    }

    public int channel() {
        return channel;
    }

    /** Messages received since the subscription. */
    public long deliveries() {
        return deliveries;
    }

    /** Client events sent. */
    public long sent() {
        return sent;
    }

    /** Sends a client event; the frame's position is left at its end. */
    public void send(ByteBuffer frame) throws IOException {
        sent++;
        write(frame);
    }

    @Override
    public void readable(LoadLoop loop) throws IOException {
        ByteBuffer buffer = loop.buffer();
        buffer.clear();
        int size;
        try {
            size = socket.read(buffer);
        } catch (IOException e) {
            throw new LoadFailure(this + " was cut off: " + e.getMessage());
        }
        if (size < 0) {
            throw new LoadFailure(this + " was closed by the server");
        }
        if (stage == Stage.SUBSCRIBED) {
            receive(buffer, 0, size);
        } else {
            greet(buffer.flip());
        }
    }

    private void receive(ByteBuffer buffer, int from, int to) throws LoadFailure {
        int counted;
        if (timed) {
            crowd.stopwatch().arrived();
            counted = walker.walk(buffer, from, to, crowd.stopwatch());
        } else {
            counted = walker.walk(buffer, from, to, null);
        }
        if (counted > 0) {
            deliveries += counted;
            crowd.delivered(this, counted);
        }
        if (walker.closes() > 0) {
            throw new LoadFailure(this + " was sent a close frame");
        }
    }

    /** Collects what comes before the subscription stands, and answers it. */
    private void greet(ByteBuffer read) throws IOException {
        if (greetingSize + read.remaining() > LONGEST_GREETING) {
            throw new LoadFailure(this + " was greeted with more than " + LONGEST_GREETING + " bytes: " + greeting());
        }
        int added = read.remaining();
        read.get(greeting, greetingSize, added);
        greetingSize += added;
        if (stage == Stage.UPGRADING) {
            int head = endOfHead();
            int end = head < 0 ? -1 : endOfFrame(head);
            if (end > 0) {
                String text = greeting();
                if (!text.startsWith("HTTP/1.1 101") || !text.contains("pusher:connection_established")) {
                    throw new LoadFailure(this + " was refused: " + text);
                }
                crowd.subscribe(this, text);
                drop(end);
                stage = Stage.SUBSCRIBING;
            }
        }
        if (stage == Stage.SUBSCRIBING) {
            int end = endOfFrame(0);
            if (end > 0) {
                String text = new String(greeting, 0, end, StandardCharsets.ISO_8859_1);
                if (!text.contains("subscription_succeeded")) {
                    throw new LoadFailure(this + " may not subscribe: " + text);
                }
                if (crowd.resuming()) {
                    drop(end);
                    stage = Stage.RESUMING;
                } else {
                    joined(end);
                }
            }
        }
        if (stage == Stage.RESUMING) {
            int end = endOfFrame(0);
            if (end > 0) {
                String text = new String(greeting, 0, end, StandardCharsets.ISO_8859_1);
                if (!text.contains("pusher_internal:resumed") || !text.contains("position")) {
                    throw new LoadFailure(this + " does not take part in resuming: " + text);
                }
                joined(end);
            }
        }
    }

    /** The subscription stands; what follows the first {@code end} bytes are messages. */
    private void joined(int end) throws LoadFailure {
        stage = Stage.SUBSCRIBED;
        crowd.subscribed();
        ByteBuffer rest = ByteBuffer.wrap(greeting);
        receive(rest, end, greetingSize);
        greeting = new byte[0];
    }

    /** Messages and frames received that are no deliveries, such as answers to pings. */
    public int others() {
        return walker.others();
    }

    private int endOfHead() {
        for (int i = 3; i < greetingSize; i++) {
            if (greeting[i] == '\n' && greeting[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private int endOfFrame(int from) {
        if (greetingSize < from + 4) {
            return -1;
        }
        int size = greeting[from + 1];
        int end = from + 2 + size;
        if (size == 126) {
            end = from + 4 + ((greeting[from + 2] & 0xff) << 8 | (greeting[from + 3] & 0xff));
        }
        return end <= greetingSize ? end : -1;
    }

    private void drop(int count) {
        System.arraycopy(greeting, count, greeting, 0, greetingSize - count);
        greetingSize -= count;
    }

    private String greeting() {
        return new String(greeting, 0, greetingSize, StandardCharsets.ISO_8859_1);
    }

    public void write(ByteBuffer bytes) throws IOException {
        socket.write(bytes);
        if (bytes.hasRemaining()) {
            throw new LoadFailure("the server does not read from " + this);
        }
    }

    /** Cuts the connection off; without the usual farewell, so that no port is kept waiting. */
    void cut() throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
    }

    @Override
    public String toString() {
        return "a subscriber of channel " + channel;
    }
}
