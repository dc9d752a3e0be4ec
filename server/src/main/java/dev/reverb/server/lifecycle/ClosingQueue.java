package dev.reverb.server.lifecycle;

import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.transport.websocket.Connection;
import dev.reverb.server.transport.websocket.LoopConnections;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

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
    private int closed;

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

    /** How many of them had their turn. */
    int closed() {
        return closed;
    }

    /** Closes one more; false when it had ended by itself. */
    boolean closeNext() {
        Connection connection = connections.get(closed++);
        boolean open = connection.open();
        var _ = connection.loop().execute(() -> connection.closeForRestart(reason));
        return open;
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
