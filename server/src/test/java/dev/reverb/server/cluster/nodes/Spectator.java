package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;

/** One of many on one public channel, that counts what comes, and measures how old it is when it is asked to. */
class Spectator extends Session {

    private final String channel;
    private final boolean timed;
    private long[] ages = new long[1024];
    private volatile boolean subscribed;
    private volatile int count;

    Spectator(String channel, boolean timed) {
        this.channel = channel;
        this.timed = timed;
    }

    boolean subscribed() {
        return subscribed;
    }

    int count() {
        return count;
    }

    /** Nanoseconds from request to arrival of each message; asked when nothing more comes. */
    long[] ages() {
        return java.util.Arrays.copyOf(ages, count);
    }

    @Override
    protected void established(String socketId) {
        send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\"}}");
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    protected void received(ByteBuf in, int start, int length) {
        if (in.getByte(start + NAME) != 'm') {
            subscribed = true;
            return;
        }
        if (timed) {
            String text = in.toString(start, length, UTF_8);
            int from = text.indexOf("\"data\":\"") + 8;
            if (count == ages.length) {
                ages = java.util.Arrays.copyOf(ages, count * 2);
            }
            ages[count] = System.nanoTime() - Long.parseLong(text.substring(from, text.indexOf(' ', from)));
        }
        count++;
    }
}
