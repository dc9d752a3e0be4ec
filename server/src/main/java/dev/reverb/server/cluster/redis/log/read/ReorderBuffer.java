package dev.reverb.server.cluster.redis.log.read;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Messages of one partition that arrived during a read of its log; bounded, as the log has them too. Cluster thread
 * only.
 */
final class ReorderBuffer {

    private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
    private final long bound;
    private long bytes;

    /** @param bound bytes to keep at most */
    ReorderBuffer(long bound) {
        this.bound = bound;
    }

    /** Keeps {@code message}; false when they are too many and none is kept. */
    boolean add(byte[] message) {
        messages.add(message);
        bytes += message.length;
        if (bytes > bound) {
            clear();
            return false;
        }
        return true;
    }

    /** All of them in turn; none is left. */
    List<byte[]> take() {
        List<byte[]> all = List.copyOf(messages);
        clear();
        return all;
    }

    void clear() {
        messages.clear();
        bytes = 0;
    }
}
