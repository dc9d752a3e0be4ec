package dev.reverb.server.metrics;

import java.util.concurrent.atomic.LongAdder;

/** Messages of one application on this node, from the start. Loops write without a lock; any thread reads. */
public final class MessageCounts {

    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();

    /** So many messages were written to clients. */
    public void sent(long messages) {
        sent.add(messages);
    }

    /** A message came from a client. */
    public void received() {
        received.increment();
    }

    /** Messages to clients. */
    public long sent() {
        return sent.sum();
    }

    /** Messages from clients. */
    public long fromClients() {
        return received.sum();
    }
}
