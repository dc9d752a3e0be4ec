package dev.reverb.server.cluster.redis.log;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** Whether it has publications or requests. */
    boolean publishes() {
        return operations.contains(Operation.APPEND);
    }

    /** Whether it has more than publications. */
    boolean changesState() {
        return publicationsOnly(operations).size() < operations.size();
    }

    /** The same without its changes of members and counts; null when nothing is left. Its receipts go with it. */
    @Nullable
    Frame withoutState() {
        List<byte[]> kept = publicationsOnly(operations);
        return kept.isEmpty() ? null : new Frame(sequence, kept, held, receipts, List.of());
    }

    /** Its publications under another number; the outcome of this one has to be known: it was not applied. */
    Frame renumbered(long number) {
        return new Frame(number, operations, held, receipts, written);
    }

    private static List<byte[]> publicationsOnly(List<byte[]> operations) {
        List<byte[]> kept = new ArrayList<>();
        int at = 0;
        while (at < operations.size()) {
            byte[] name = operations.get(at);
            int size = Operation.size(name);
            if (Arrays.equals(name, Operation.APPEND) || Arrays.equals(name, Operation.CACHE)) {
                kept.addAll(operations.subList(at, at + size));
            }
            at += size;
        }
        return kept;
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

    /**
     * What {@code write.lua} takes.
     *
     * @param before the frame before this one as Redis knows it, negative where that is not known
     */
    byte[][] arguments(ClusterNode node, Link link, int partition, long before) {
        List<byte[]> arguments = new ArrayList<>(12 + operations.size());
        arguments.add(Keyspace.bytes(node.keys().base(partition)));
        arguments.add(node.keys().topic(partition));
        arguments.add(link.publishVerb());
        arguments.add(Keyspace.bytes(node.timing().retention().toMillis()));
        arguments.add(Keyspace.bytes(node.limits().log()));
        arguments.add(node.identity().idBytes());
        arguments.add(Keyspace.bytes(sequence));
        arguments.add(before < 0 ? new byte[0] : Keyspace.bytes(before));
        arguments.add(FrameWriter.header(node.identity().idBytes(), sequence, news()));
        arguments.add(node.identity().ownerBytes());
        arguments.add(link.slots() ? Keyspace.bytes(1) : new byte[0]);
        arguments.add(Keyspace.bytes(node.timing().lease().toMillis()));
        arguments.addAll(operations);
        return arguments.toArray(byte[][]::new);
    }

    /** The publications in here are safe: written, or held with the link down. Once. */
    void acknowledge() {
        List<Ack> all = receipts;
        receipts = List.of();
        all.forEach(Ack::part);
    }
}
