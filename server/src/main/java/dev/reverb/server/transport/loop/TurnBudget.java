package dev.reverb.server.transport.loop;

import dev.reverb.server.channel.LoopChannels;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What one loop does in one of its turns for peers that send faster than it serves. A connection is served one request
 * for each time that it becomes readable; further requests that wait on it share {@value #FURTHER} in a turn, and
 * beyond those the connections wait in a line, so that however many requests are pipelined, on however many
 * connections, a turn ends soon and everybody else has his turn too. The same holds for lists of members, each of which
 * is made for one connection that asked for it by a few bytes. Bytes are read in smaller parts the more
 * connections have some. Loop thread only.
 */
public final class TurnBudget {

    /** Requests of a turn beyond the first of each connection. */
    static final int FURTHER = 64;
    /** Time of a turn for those who wait: code that has just been started takes many times as long for each. */
    private static final long WAITING_NANOS = 4_000_000;
    /** Bytes of greetings that a turn makes: one more is begun as long as some are left. */
    static final int GREETINGS = LoopChannels.GREETING_LIMIT; // as many as a batch sends: none pile up in the inbox
    /** Bytes that a turn reads, as far as {@link #LEAST_READ} for each connection allows. */
    private static final int READ = 256 * 1024;
    /** Bytes that a connection may always be read in a turn: more than most messages have. */
    static final int LEAST_READ = 1024;

    private final Consumer<Runnable> execute;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final ArrayDeque<Runnable> ungreeted = new ArrayDeque<>();
    private final int further;
    private final LongSupplier nanos;
    private int left;
    private long greetings = GREETINGS;
    private long turns;
    private int reads;
    private int most = READ;

    /**
     * @param execute runs a task in the next turn
     * @param further requests of a turn beyond the first of each connection
     */
    TurnBudget(Consumer<Runnable> execute, int further) {
        this(execute, further, System::nanoTime);
    }

    /** With a clock of nanoseconds. */
    TurnBudget(Consumer<Runnable> execute, int further, LongSupplier nanos) {
        this.execute = execute;
        this.further = further;
        this.nanos = nanos;
        left = further;
    }

    /** Whether a connection may be served one more request in this turn; it waits by {@link #next} otherwise. */
    public boolean further() {
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }

    /** Runs {@code task}, which serves one request, in a later turn: behind those that wait already. */
    public void next(Runnable task) {
        waiting.add(task);
    }

    /**
     * Whether a greeting that may be long is made in this turn; it waits by {@link #greetNext} otherwise, behind those
     * that wait already.
     */
    public boolean greets() {
        return greetings > 0 && ungreeted.isEmpty();
    }

    /** A greeting of {@code bytes} was made. */
    public void greeted(long bytes) {
        greetings -= bytes;
    }

    /** Runs {@code task}, which makes one greeting and calls {@link #greeted}, in a later turn. */
    public void greetNext(Runnable task) {
        ungreeted.add(task);
    }

    /** Bytes that a connection which has some may be read in this turn; counts it. */
    int read() {
        reads++;
        return most;
    }

    /** Turns that have ended. */
    long number() {
        return turns;
    }

    /** The turn has ended: behind its I/O and its tasks. */
    void ended() {
        turns++;
        left = further;
        greetings = GREETINGS;
        most = reads == 0 ? READ : Math.max(LEAST_READ, READ / reads);
        reads = 0;
        if (!waiting.isEmpty() || !ungreeted.isEmpty()) {
            execute.accept(this::proceed);
        }
    }

    private void proceed() {
        long start = nanos.getAsLong();
        while (left > 0 && !waiting.isEmpty() && nanos.getAsLong() - start < WAITING_NANOS) {
            left--;
            waiting.remove().run();
        }
        while (greetings > 0 && !ungreeted.isEmpty() && nanos.getAsLong() - start < 2 * WAITING_NANOS) {
            ungreeted.remove().run();
        }
    }
}
