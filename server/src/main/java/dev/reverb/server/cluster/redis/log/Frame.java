package dev.reverb.server.cluster.redis.log;

import java.util.List;

/**
 * One numbered unit of what a node writes to a partition: never changed, never cut or joined differently when it is
 * sent
 * again, so that it can be recognised.
 */
final class Frame {

    final long sequence;
    final List<byte[]> operations;
    /** Of all operations. */
    final long bytes;
    /** Of the budget, given back when the frame is written. */
    final long held;
    /** How many publications are in here. */
    final int publications;
    /** Runs when the frame is written. */
    final List<Runnable> written;

    /** Whether what comes of it is not known here. */
    boolean news() {
        return operations.contains(Operation.REAP);
    }

    private List<Ack> receipts;
    /** {@link dev.reverb.server.cluster.redis.base.Clock#nanos} of when it was written. */
    long writtenAt;

    Frame(long sequence, List<byte[]> operations, long held, List<Ack> receipts, List<Runnable> written) {
        this.sequence = sequence;
        this.operations = operations;
        this.held = held;
        this.receipts = receipts;
        this.publications = receipts.size();
        this.written = written;
        long sum = 0;
        for (byte[] operation : operations) {
            sum += operation.length;
        }
        this.bytes = sum;
    }

    /** The publications in here are safe: written, or held with the link down. Once. */
    void acknowledge() {
        List<Ack> all = receipts;
        receipts = List.of();
        all.forEach(Ack::part);
    }
}
