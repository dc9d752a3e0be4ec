package dev.reverb.server.cluster.redis.frame;

import java.util.ArrayList;
import java.util.List;

/**
 * One numbered unit of what a node writes to a partition: never changed, never cut or joined differently when it is
 * sent
 * again, so that it can be recognised.
 */
public final class Frame {

    public final String owner;
    public final long sequence;
    public final List<byte[]> operations;
    /** Of all operations. */
    public final long bytes;
    /** Of the budget, given back when the frame is written. */
    public final long held;
    /** How many publications are in here. */
    public int publications;
    /** Runs when the frame is written. */
    public final List<Runnable> written;

    /**
     * Whether this node has to read it too: it does not know what comes of it, the leaves of a dead node, or where it
     * stands among the cached events of other nodes.
     */
    public boolean news() {
        return operations.contains(Operation.REAP) || operations.contains(Operation.CACHE);
    }

    private List<Ack> receipts;
    /** {@link dev.reverb.server.cluster.redis.base.Clock#nanos} of when it was written. */
    public long writtenAt;

    /** @param owner whose entries its changes of members and counts are */
    Frame(String owner, long sequence, List<byte[]> operations, long held, List<Ack> receipts, List<Runnable> written) {
        this.owner = owner;
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

    /** The same to be sent again; what waited for it waits no more. */
    public Frame again() {
        return new Frame(owner, sequence, operations, 0, List.of(), List.of());
    }

    /**
     * The same for another owner, without changes of members and counts. Whoever has read the frame already would drop
     * its changes, made again for the new owner, as doubles; so they go into a later frame, an assertion.
     */
    public Frame adopted(String owner) {
        List<byte[]> kept = new ArrayList<>();
        for (int i = 0; i < operations.size();) {
            int size = Operation.size(operations.get(i));
            if (Operation.ownerless(operations.get(i))) {
                kept.addAll(operations.subList(i, i + size));
            }
            i += size;
        }
        Frame frame = new Frame(owner, sequence, kept, held, receipts, written);
        frame.publications = publications;
        return frame;
    }

    /** The publications in here are safe: written, or held with the link down. Once. */
    public void acknowledge() {
        List<Ack> all = receipts;
        receipts = List.of();
        all.forEach(Ack::part);
    }
}
