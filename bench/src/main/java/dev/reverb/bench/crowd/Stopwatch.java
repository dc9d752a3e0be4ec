package dev.reverb.bench.crowd;

import java.nio.ByteBuffer;

/**
 * Times publications from the moment their request is written to the moment a subscriber has read the message, by the
 * number that the payload carries. Makes no object per message. Used on the load thread.
 */
public final class Stopwatch implements FrameWalker.Visitor {
    private static final int DIGITS = 8;

    private final long[] sentAt;
    private final Latencies latencies = new Latencies();
    private boolean recording;
    private long now;
    private int mark = -1;

    /** @param publications how many numbers there are, from 0 */
    public Stopwatch(int publications) {
        sentAt = new long[publications];
    }

    public void recording(boolean recording) {
        this.recording = recording;
    }

    public Latencies latencies() {
        return latencies;
    }

    public void sent(int id) {
        sentAt[id] = System.nanoTime();
    }

    /** Notes that a read returned; the messages shown next arrived now. */
    void arrived() {
        now = System.nanoTime();
    }

    @Override
    public void message(ByteBuffer buffer, int start, int size) {
        if (!recording) {
            return;
        }
        if (mark < 0 || mark + DIGITS >= size || buffer.get(start + mark) != Wire.MARK) {
            mark = find(buffer, start, size);
        }
        int id = 0;
        for (int i = 1; i <= DIGITS; i++) {
            id = id << 4 | Character.digit(buffer.get(start + mark + i), 16);
        }
        if (id < 0 || id >= sentAt.length) {
            throw new IllegalStateException("a message carries the number " + id + ", which was never sent");
        }
        latencies.add(now - sentAt[id]);
    }

    private static int find(ByteBuffer buffer, int start, int size) {
        for (int i = 0; i < size - DIGITS; i++) {
            if (buffer.get(start + i) == Wire.MARK) {
                return i;
            }
        }
        throw new IllegalStateException("a message without the payload that was published");
    }
}
