package dev.reverb.server.lifecycle;

import dev.reverb.server.protocol.Messages;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.transport.websocket.Connection;
import dev.reverb.server.transport.websocket.LoopConnections;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Connections that are to go, in random order, so that those who came together do not come back together. When is up
 * to the
 * caller, one thread at a time.
 */
final class ClosingQueue {

    /** Between two looks at how many are due. */
    static final long STEP_MILLIS = 20;

    static final ClosingQueue NONE = new ClosingQueue(List.of(), ProtocolError.RECONNECT);

    private final List<Connection> connections;
    private final ProtocolError reason;
    /** Those that were notified, in the order in which their time is over. */
    private final ArrayDeque<Notified> notified = new ArrayDeque<>();
    private int closed;

    /** A connection that is closed at {@code deadlineNanos}, by {@link System#nanoTime}, unless it ends by itself. */
    private record Notified(Connection connection, long deadlineNanos) {}

    private ClosingQueue(List<Connection> connections, ProtocolError reason) {
        this.connections = connections;
        this.reason = reason;
    }

    /**
     * All connections that there are; completes on one of the loops. Any thread.
     *
     * @param reason the code that they are closed with
     */
    static CompletableFuture<ClosingQueue> of(List<LoopConnections> loops, ProtocolError reason) {
        List<CompletableFuture<List<Connection>>> lists = new ArrayList<>();
        for (LoopConnections loop : loops) {
            CompletableFuture<List<Connection>> list = new CompletableFuture<>();
            if (!loop.loop().execute(() -> list.complete(loop.all()))) {
                list.complete(List.of());
            }
            lists.add(list);
        }
        return CompletableFuture.allOf(lists.toArray(CompletableFuture[]::new)).thenApply(_ -> {
            List<Connection> all = new ArrayList<>();
            lists.forEach(list -> all.addAll(list.join()));
            Collections.shuffle(all);
            return new ClosingQueue(all, reason);
        });
    }

    int size() {
        return connections.size();
    }

    /** How many of them had their turn: were closed, or notified. */
    int closed() {
        return closed;
    }

    /** Whether some of them are to be notified before. */
    boolean anyResumes() {
        return connections.stream().anyMatch(Connection::resumes);
    }

    /** How many were notified and not yet closed. */
    int waiting() {
        return notified.size();
    }

    /**
     * Closes one more, or notifies it, where it resumes, that it will be closed.
     *
     * @param noticeMillis how long before its close it is notified; 0 to close it at once
     * @return false when it had ended by itself
     */
    boolean closeNext(long noticeMillis) {
        Connection connection = connections.get(closed++);
        boolean open = connection.open();
        if (noticeMillis > 0 && open && connection.resumes()) {
            var _ = connection.loop().execute(() -> connection.send(Messages.moving(reason.code(), noticeMillis)));
            notified.add(new Notified(connection, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(noticeMillis)));
        } else {
            close(connection);
        }
        return open;
    }

    /** Closes those whose notice is over; those that have left are forgotten. */
    void closeDue() {
        long now = System.nanoTime();
        for (Notified first = notified.peek(); first != null; first = notified.peek()) {
            if (first.connection.open() && first.deadlineNanos - now > 0) {
                return;
            }
            notified.remove();
            close(first.connection);
        }
    }

    private void close(Connection connection) {
        var _ = connection.loop().execute(() -> connection.closeForRestart(reason));
    }

    /** How many are open, closing ones too. */
    int open() {
        int open = 0;
        for (Connection connection : connections) {
            if (connection.open()) {
                open++;
            }
        }
        return open;
    }
}
