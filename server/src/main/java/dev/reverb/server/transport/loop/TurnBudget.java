package dev.reverb.server.transport.loop;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * What one loop does in one of its turns for peers that send faster than it serves. A connection is served one request
 * for each time that it becomes readable; further requests that wait on it share {@value #FURTHER} in a turn, and
 * beyond those the connections wait in a line, so that however many requests are pipelined, on however many
 * connections, a turn ends soon and everybody else has his turn too. Bytes are read in smaller parts the more
 * connections have some. Loop thread only.
 */
public final class TurnBudget {

    /** Requests of a turn beyond the first of each connection. */
    static final int FURTHER = 64;
    /** Bytes that a turn reads, as far as {@link #LEAST_READ} for each connection allows. */
    private static final int READ = 256 * 1024;
    /** Bytes that a connection may always be read in a turn: more than most messages have. */
    static final int LEAST_READ = 1024;

    private final Consumer<Runnable> execute;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final int further;
    private int left;
    private int reads;
    private int most = READ;

    /**
     * @param execute runs a task in the next turn
     * @param further requests of a turn beyond the first of each connection
     */
    TurnBudget(Consumer<Runnable> execute, int further) {
        this.execute = execute;
        this.further = further;
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

    /** Bytes that a connection which has some may be read in this turn; counts it. */
    int read() {
        reads++;
        return most;
    }

    /** The turn has ended: behind its I/O and its tasks. */
    void ended() {
        left = further;
        most = reads == 0 ? READ : Math.max(LEAST_READ, READ / reads);
        reads = 0;
        if (!waiting.isEmpty()) {
            execute.accept(this::proceed);
        }
    }

    private void proceed() {
        while (left > 0 && !waiting.isEmpty()) {
            left--;
            waiting.remove().run();
        }
    }
}
