package dev.reverb.server.cluster.redis.frame;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

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
     * Whether this node has to read it too: it does not know what comes of it, the leaves of a dead node, the total of
     * subscriptions, or where it stands among the cached events of other nodes.
     */
    public boolean news() {
        return operations.contains(Operation.REAP) || operations.contains(Operation.CACHE)
                || operations.contains(Operation.ANNOUNCED_COUNT) || operations.contains(Operation.KEEP);
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
     * The same for {@code owner}; for another one without changes of members and counts. Whoever has read the frame
     * already would drop its changes, made again for the new owner, as doubles; so they go into a later frame, an
     * assertion.
     */
    public Frame under(String owner) {
        if (this.owner.equals(owner)) {
            return this;
        }
        Frame frame = new Frame(owner, sequence, only(Operation::ownerless), held, receipts, written);
        frame.publications = publications;
        return frame;
    }

    /** Whether it has publications or requests. */
    public boolean publishes() {
        return operations.contains(Operation.APPEND);
    }

    /** Whether it has more than publications. */
    public boolean changesState() {
        return publicationsOnly().size() < operations.size();
    }

    /** The same without its changes of members and counts; null when nothing is left. Its receipts go with it. */
    public @Nullable Frame withoutState() {
        List<byte[]> kept = publicationsOnly();
        return kept.isEmpty() ? null : new Frame(owner, sequence, kept, held, receipts, List.of());
    }

    /** Its publications under another number; the outcome of this one has to be known: it was not applied. */
    public Frame renumbered(long number) {
        return new Frame(owner, number, operations, held, receipts, written);
    }

    /** Scope and user of each member that it asks about, in its order. Walks all of it. */
    public List<byte[]> admissions() {
        List<byte[]> found = new ArrayList<>();
        for (int at = 0; at < operations.size(); at += Operation.size(operations.get(at))) {
            if (Arrays.equals(operations.get(at), Operation.ADMIT)) {
                found.addAll(operations.subList(at + 1, at + 3));
            }
        }
        return found;
    }

    private List<byte[]> publicationsOnly() {
        return only(name -> Arrays.equals(name, Operation.APPEND) || Arrays.equals(name, Operation.CACHE)
                || Arrays.equals(name, Operation.KEEP) || Arrays.equals(name, Operation.EVENT));
    }

    private List<byte[]> only(Predicate<byte[]> wanted) {
        List<byte[]> kept = new ArrayList<>();
        int at = 0;
        while (at < operations.size()) {
            int size = Operation.size(operations.get(at));
            if (wanted.test(operations.get(at))) {
                kept.addAll(operations.subList(at, at + size));
            }
            at += size;
        }
        return kept;
    }

    /**
     * What {@code write.lua} takes.
     *
     * @param before the frame before this one as Redis knows it, negative where that is not known
     */
    public byte[][] arguments(ClusterNode node, Link link, int partition, long before) {
        List<byte[]> arguments = new ArrayList<>(13 + operations.size());
        arguments.add(Keyspace.bytes(node.keys().base(partition)));
        arguments.add(node.keys().topic(partition));
        arguments.add(link.publishVerb());
        arguments.add(Keyspace.bytes(node.timing().retention().toMillis()));
        arguments.add(Keyspace.bytes(node.logs().room()));
        arguments.add(node.identity().idBytes());
        arguments.add(Keyspace.bytes(sequence));
        arguments.add(before < 0 ? new byte[0] : Keyspace.bytes(before));
        arguments.add(FrameWriter.header(node.identity().idBytes(), sequence, news()));
        arguments.add(node.identity().ownerBytes());
        arguments.add(link.slots() ? Keyspace.bytes(1) : new byte[0]);
        arguments.add(Keyspace.bytes(node.timing().lease().toMillis()));
        arguments.add(Keyspace.bytes(node.histories().room()));
        arguments.addAll(operations);
        return arguments.toArray(byte[][]::new);
    }

    /** The publications in here are safe: written, or held with the link down. Once. */
    public void acknowledge() {
        List<Ack> all = receipts;
        receipts = List.of();
        all.forEach(Ack::part);
    }
}
