package dev.reverb.server.cluster.redis.log.write;

import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.frame.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits for its frame, in order. Publications may have to wait for other nodes; members, counts, requests and
 * removals never do. Cluster thread only, but for {@link #bytes}.
 */
final class PendingOperations {

    private final ArrayDeque<Operation> operations = new ArrayDeque<>();
    private final AtomicLong bytes = new AtomicLong();

    /** Bytes of publications. Any thread. */
    long bytes() {
        return bytes.get();
    }

    boolean isEmpty() {
        return operations.isEmpty();
    }

    void add(Operation operation) {
        operations.add(operation);
        if (operation instanceof Operation.Publish publish) {
            bytes.addAndGet(publish.bytes());
        } else if (operation instanceof Operation.Event event) {
            bytes.addAndGet(event.bytes());
        }
    }

    /** {@code held} bytes of publications went into a frame. */
    void framed(long held) {
        bytes.addAndGet(-held);
    }

    /** All of them; the composer takes from the front. */
    ArrayDeque<Operation> all() {
        return operations;
    }

    /** Whether anything waits that need not. */
    boolean hasState() {
        for (Operation operation : operations) {
            if (!waits(operation)) {
                return true;
            }
        }
        return false;
    }

    /** Takes what need not wait. */
    ArrayDeque<Operation> takeState() {
        ArrayDeque<Operation> state = new ArrayDeque<>();
        operations.removeIf(operation -> !waits(operation) && state.add(operation));
        return state;
    }

    /** Puts back what found no room in a frame, at the front. */
    void putBack(ArrayDeque<Operation> rest) {
        while (!rest.isEmpty()) {
            operations.addFirst(rest.removeLast());
        }
    }

    /** An assertion of everything says what these would. */
    void dropMembers() {
        operations.removeIf(o -> o instanceof Operation.Join || o instanceof Operation.Leave);
    }

    /** Who waits for these decides otherwise. */
    void dropAdmissions() {
        operations.removeIf(Operation.Admit.class::isInstance);
    }

    /** The publications and requests in here are safe: held. */
    void acknowledge() {
        List<Ack> waiting = new ArrayList<>();
        List<Operation> held = new ArrayList<>(operations);
        held.replaceAll(operation -> {
            if (operation instanceof Operation.Publish publish) {
                waiting.add(publish.receipt());
                return new Operation.Publish(publish.publication(), publish.bytes(), Ack.NONE, publish.written());
            } else if (operation instanceof Operation.Request request) {
                waiting.add(request.receipt());
                return new Operation.Request(request.control(), Ack.NONE);
            }
            return operation;
        });
        operations.clear();
        operations.addAll(held);
        waiting.forEach(Ack::part);
    }

    private static boolean waits(Operation operation) {
        return operation instanceof Operation.Publish || operation instanceof Operation.Request;
    }
}
