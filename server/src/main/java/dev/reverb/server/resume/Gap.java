package dev.reverb.server.resume;

import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Publication;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client that waits for its history to be read, and what was delivered to the others meanwhile. Guarded by the
 * channel's history lock.
 */
public final class Gap {

    /** Bytes that are held for one client. */
    private static final long MOST = 1 << 20;

    final @Nullable HistoryPoint start;
    final List<Publication> unwritten;
    final List<Held> held = new ArrayList<>();
    private long bytes;

    /**
     * @param start up to where this node has delivered the history
     * @param unwritten what this node published and the history may not have
     */
    public Gap(@Nullable HistoryPoint start, List<Publication> unwritten) {
        this.start = start;
        this.unwritten = List.copyOf(unwritten);
    }

    /** Whether more was delivered than is held. */
    boolean overflow() {
        return bytes > MOST;
    }

    void hold(Held delivered) {
        bytes += delivered.publication().message().length;
        if (overflow()) {
            held.clear();
        } else {
            held.add(delivered);
        }
    }
}
