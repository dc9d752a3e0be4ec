package dev.reverb.server.tail;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The lines that wait for one reader. What comes while {@value #MOST} wait, or faster than {@value #MOST_A_SECOND} a
 * second, is counted and not kept; the reader gets the number in place of the lines. Any thread.
 */
public final class Tail {

    /** Lines that wait at most. */
    public static final int MOST = 1_000;
    /** Lines that are taken in a second, so that a busy application spends a bounded time on being read along. */
    public static final int MOST_A_SECOND = 5_000;
    /** Characters of a line; the rest is left out. */
    static final int LONGEST = 1_000;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final @Nullable String channel;
    private final Runnable wake;
    private final LongAdder allMissed;
    private final ArrayDeque<String> waiting = new ArrayDeque<>();
    private boolean woken;
    private long missed;
    private long second = System.nanoTime();
    private int inSecond;

    /**
     * @param channel what the reader wants to know of; null for everything
     * @param wake called, on any thread, when lines wait for a reader that had none: it is to {@link #poll} until there
     *     is none left
     * @param allMissed counts the lines that were not kept
     */
    public Tail(@Nullable String channel, Runnable wake, LongAdder allMissed) {
        this.channel = channel;
        this.wake = wake;
        this.allMissed = allMissed;
    }

    /** Whether a line about {@code channels} is wanted; one about none always is. */
    boolean wants(List<String> channels) {
        return channel == null || channels.isEmpty() || channels.contains(channel);
    }

    /** Whether one more line may wait; if not, it counts as missed. */
    synchronized boolean room() {
        long now = System.nanoTime();
        if (now - second >= SECOND_NANOS) {
            second = now;
            inSecond = 0;
        }
        if (waiting.size() < MOST && inSecond < MOST_A_SECOND) {
            inSecond++;
            return true;
        }
        missed++;
        allMissed.increment();
        return false;
    }

    void add(String line) {
        boolean first;
        synchronized (this) {
            if (missed > 0) {
                waiting.add(missedLine());
            }
            waiting.add(line);
            first = !woken;
            woken = true;
        }
        if (first) {
            wake.run();
        }
    }

    /** The next line, without its end; null when none waits, and then {@code wake} is called for the next. */
    public synchronized @Nullable String poll() {
        if (waiting.isEmpty() && missed > 0) {
            return missedLine();
        }
        String line = waiting.poll();
        woken = line != null;
        return line;
    }

    private String missedLine() {
        String line = "-- missed " + missed + (missed == 1 ? " line" : " lines")
                + ": they came faster than this connection takes them";
        missed = 0;
        return line;
    }

    /** {@code text} with the time, as one line of bounded length. */
    static String shown(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), LONGEST) + 40);
        TIME.formatTo(Instant.now(), line);
        line.append(' ');
        for (int i = 0; i < text.length() && i < LONGEST; i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                default -> line.append(c);
            }
        }
        if (text.length() > LONGEST) {
            line.append("… (").append(text.length() - LONGEST).append(" characters more)");
        }
        return line.toString();
    }
}
