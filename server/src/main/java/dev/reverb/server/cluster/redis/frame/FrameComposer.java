package dev.reverb.server.cluster.redis.frame;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.ClusterNode.WebhookPort;
import dev.reverb.server.cluster.redis.base.Keyspace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Joins operations that wait into one frame, with publications that follow one another as one run of bytes. Cluster
 * thread only.
 */
public final class FrameComposer {

    private static final int FRAME_BYTES = 64 * 1024;
    private static final int FRAME_ARGUMENTS = 2048;

    private final FrameWriter writer = new FrameWriter();
    private final WebhookPort webhooks;
    private final ToLongFunction<String> room;

    /** @param room bytes that histories of an application, as it stands in keys, may take in the partition */
    public FrameComposer(WebhookPort webhooks, ToLongFunction<String> room) {
        this.webhooks = webhooks;
        this.room = room;
    }

    /**
     * Takes operations from {@code pending} until it is empty or the frame is full.
     *
     * @param owner whose entries this node's are now
     * @param first operations that go before
     * @return null when there is nothing to write
     */
    @Nullable
    public Frame compose(String owner, long sequence, List<byte[]> first, ArrayDeque<Operation> pending) {
        List<byte[]> operations = new ArrayList<>(first);
        List<Ack> receipts = new ArrayList<>();
        List<Runnable> written = new ArrayList<>();
        long held = 0;
        long bytes = 0;
        int requests = 0;
        while (bytes < FRAME_BYTES && operations.size() < first.size() + FRAME_ARGUMENTS) {
            Operation operation = pending.pollFirst();
            if (operation == null) {
                break;
            }
            switch (operation) {
                case Operation.Publish(Publication publication, int size, Ack receipt, Runnable done) -> {
                    byte[] scope = Keyspace.bytes(Keyspace.scope(publication.channel()));
                    writer.publication(scope, publication);
                    if (publication.cacheMillis() > 0) {
                        operations.add(Operation.CACHE);
                        operations.add(scope);
                        operations.add(Keyspace.bytes(publication.cacheMillis()));
                        operations.add(publication.message());
                    }
                    if (publication.keep() != null) {
                        keep(operations, scope, publication, publication.keep());
                        written.add(done);
                        bytes += publication.message().length;
                    }
                    receipts.add(receipt);
                    held += size;
                    bytes += size;
                }
                case Operation.Event(ChannelId subject, String type, byte[] more, int size) -> {
                    appendWritten(operations);
                    operations.add(Operation.EVENT);
                    operations.add(Keyspace.bytes(Keyspace.scope(subject)));
                    operations.add(Keyspace.bytes(type));
                    operations.add(more);
                    held += size;
                    bytes += size;
                }
                case Operation.Request(var control, Ack receipt) -> {
                    writer.control(control);
                    receipts.add(receipt);
                    requests++;
                }
                case Operation.Join(ChannelId channel, String userId, byte[] data) -> {
                    appendWritten(operations);
                    operations.add(Operation.JOIN);
                    operations.add(Keyspace.bytes(Keyspace.scope(channel)));
                    operations.add(Keyspace.bytes(userId));
                    operations.add(data);
                    bytes += data.length;
                }
                case Operation.Admit(ChannelId channel, String userId, byte[] data, int max) -> {
                    appendWritten(operations);
                    operations.add(Operation.ADMIT);
                    operations.add(Keyspace.bytes(Keyspace.scope(channel)));
                    operations.add(Keyspace.bytes(userId));
                    operations.add(data);
                    operations.add(Keyspace.bytes(max));
                    bytes += data.length;
                }
                case Operation.Leave(ChannelId channel, String userId) -> {
                    appendWritten(operations);
                    operations.add(Operation.LEAVE);
                    operations.add(Keyspace.bytes(Keyspace.scope(channel)));
                    operations.add(Keyspace.bytes(userId));
                }
                case Operation.Reap(String dead, Runnable done) -> {
                    appendWritten(operations);
                    operations.add(Operation.REAP);
                    operations.add(Keyspace.bytes(dead));
                    written.add(done);
                }
            }
        }
        appendWritten(operations);
        if (operations.isEmpty()) {
            return null;
        }
        Operation.markHooked(operations, webhooks.served());
        Frame frame = new Frame(owner, sequence, operations, held, receipts, written);
        frame.publications -= requests;
        return frame;
    }

    private void keep(List<byte[]> operations, byte[] scope, Publication publication, KeepRule rule) {
        operations.add(Operation.KEEP);
        operations.add(scope);
        operations.add(Keyspace.bytes(rule.count()));
        operations.add(Keyspace.bytes(rule.ageMillis()));
        operations.add(Keyspace.bytes(rule.bytes()));
        operations.add(Keyspace.bytes(publication.number()));
        operations.add(Keyspace.bytes(publication.exclude()));
        operations.add(publication.message());
        operations.add(Keyspace.bytes(room.applyAsLong(Keyspace.escape(publication.channel().app()))));
    }

    private void appendWritten(List<byte[]> operations) {
        if (writer.size() > 0) {
            operations.add(Operation.APPEND);
            operations.add(writer.take());
        }
    }
}
