package dev.reverb.server.cluster.redis.frame;

import dev.reverb.server.cluster.Webhooks;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.cluster.redis.base.Keyspace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Something that waits in an {@link PartitionWriter}, and the names of operations in {@code write.lua}. */
public sealed interface Operation {

    byte[] APPEND = Keyspace.bytes("p");
    byte[] CACHE = Keyspace.bytes("k");
    byte[] JOIN = Keyspace.bytes("j");
    byte[] ADMIT = Keyspace.bytes("x");
    byte[] LEAVE = Keyspace.bytes("l");
    byte[] COUNT = Keyspace.bytes("c");
    byte[] ANNOUNCED_COUNT = Keyspace.bytes("n");
    byte[] MEMBER = Keyspace.bytes("m");
    byte[] KEEP = Keyspace.bytes("h");
    byte[] ASSERT = Keyspace.bytes("a");
    byte[] REAP = Keyspace.bytes("r");
    byte[] HOOKED = Keyspace.bytes("w");
    byte[] EVENT = Keyspace.bytes("e");

    /** How many arguments of {@code write.lua} the operation with this name has, its name too. */
    static int size(byte[] name) {
        return switch (name[0]) {
            case 'p', 'a', 'r' -> 2;
            case 'l', 'c', 'n', 'w' -> 3;
            case 'k', 'j', 'm', 'e' -> 4;
            case 'x' -> 5;
            case 'h' -> 9;
            default -> throw new IllegalArgumentException("no operation " + (char) name[0]);
        };
    }

    /** An event for subscribers; {@code bytes} of the budget are its, {@code written} runs when the log has it. */
    record Publish(Publication publication, int bytes, Ack receipt, Runnable written) implements Operation {

        /** One that nobody waits for in the log. */
        public Publish(Publication publication, int bytes, Ack receipt) {
            this(publication, bytes, receipt, () -> {});
        }
    }

    /** A member's first connection on this node joined. */
    record Join(ChannelId channel, String userId, byte[] data) implements Operation {}

    /** A member's first connection on this node joins if its channel has fewer than {@code max} users. */
    record Admit(ChannelId channel, String userId, byte[] data, int max) implements Operation {}

    /** A member's last connection on this node left. */
    record Leave(ChannelId channel, String userId) implements Operation {}

    /** An event for webhooks; {@code bytes} of the budget are its. */
    record Event(ChannelId subject, String type, byte[] more, int bytes) implements Operation {}

    /** A request to all nodes. */
    record Request(Control control, Ack receipt) implements Operation {}

    /** The entries of an owner whose lease ended go; {@code done} runs when they are gone. */
    record Reap(String owner, Runnable done) implements Operation {}

    /** Whether an operation changes nothing that belongs to the owner of the frame's entries. */
    static boolean ownerless(byte[] name) {
        return name[0] == 'p' || name[0] == 'k' || name[0] == 'h' || name[0] == 'r' || name[0] == 'w' || name[0] == 'e';
    }

    /** Puts before {@code operations} which applications in them have webhooks, and whether those want counts. */
    static void markHooked(List<byte[]> operations, Webhooks webhooks) {
        if (!webhooks.any()) {
            return;
        }
        Map<String, Integer> apps = new HashMap<>();
        for (int i = 0; i < operations.size(); i += size(operations.get(i))) {
            switch (operations.get(i)[0]) {
                case 'j', 'x', 'l', 'c', 'n', 'm' ->
                    apps.computeIfAbsent(Keyspace.appOf(operations.get(i + 1)), webhooks::wanted);
                default -> {
                }
            }
        }
        apps.forEach((app, wanted) -> {
            if ((wanted & WebhookEvent.Type.SHARED) != 0) {
                boolean counts = (wanted & WebhookEvent.Type.SUBSCRIPTION_COUNT.bit()) != 0;
                operations.addAll(0,
                        List.of(HOOKED, Keyspace.bytes(Keyspace.escape(app)), Keyspace.bytes(counts ? "n" : "")));
            }
        });
    }

    static void count(List<byte[]> operations, ChannelId channel, int subscriptions, boolean announced) {
        operations.add(announced ? ANNOUNCED_COUNT : COUNT);
        operations.add(Keyspace.bytes(Keyspace.scope(channel)));
        operations.add(Keyspace.bytes(subscriptions));
    }
}
