package dev.reverb.server.cluster.redis.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The events of one partition. One node at a time takes them, under a lease of its own in the partition; each stays in
 * Redis until it is done, so that the next node begins with the first that is not. Cluster thread only.
 */
final class WaitingEvents {

    private static final int PAGE = 256 * 1024;
    /** Entries that may be under way; they take memory here. What is beyond waits in Redis. */
    private static final int MOST = 20_000;
    /** Heartbeats for which a node that should leave its events to another one waits for those under way. */
    private static final int PATIENCE = 10;
    private static final Duration GATHERING = Duration.ofMillis(20);
    private static final Map<String, WebhookEvent.Type> TYPES = new HashMap<>();

    static {
        Arrays.stream(WebhookEvent.Type.values()).forEach(type -> TYPES.put(type.wire, type));
    }

    private final ClusterNode node;
    private final Link link;
    private final byte[] base;
    private final byte[][] keys;

    /** Entries that were taken and are not yet removed. */
    private final Set<String> underWay = new HashSet<>();
    /** Those of them that are done. */
    private List<String> done = new ArrayList<>();
    /** The last entry taken, while any is under way; {@code -} begins with the first. */
    private String after = "-";
    private boolean held;
    /** Heartbeats since this node found that another one should take these. */
    private int leaving;
    private boolean running;
    private boolean again;
    private boolean removing;
    private boolean more;
    private long dropped = -1;
    /** The earliest scheduled look for what is due. */
    private long lookAt = Long.MAX_VALUE;

    WaitingEvents(int partition, ClusterNode node, Link link) {
        this.node = node;
        this.link = link;
        this.base = Keyspace.bytes(node.keys().base(partition));
        this.keys = new byte[][]{node.keys().hooks(partition), node.keys().origins(partition)};
    }

    /** Another Redis may answer from now on, whose entries have other ids. */
    void linkUp() {
        after = "-";
        lookAt = Long.MAX_VALUE;
    }

    /** Another node takes these, once what is under way here is done, or was not for a while. */
    void release() {
        if (held && !running) {
            leaving++;
            run(underWay.size() == done.size() || leaving > PATIENCE ? Duration.ZERO : node.timing().lease());
        }
    }

    /** Another node takes these now. */
    void abandon() {
        if (held) {
            leaving = PATIENCE + 1;
            running = false;
            release();
        }
    }

    /** Takes what there is, unless another node does. */
    void take() {
        if (running) {
            again = true;
        } else if (link.up()) {
            leaving = 0;
            run(node.timing().lease());
        }
    }

    private void run(Duration lease) {
        running = true;
        again = false;
        List<String> removed = done;
        done = new ArrayList<>();
        List<byte[]> arguments = new ArrayList<>(List.of(base, node.identity().idBytes(),
                Keyspace.bytes(lease.toMillis()), Keyspace.bytes(underWay.isEmpty() ? "-" : after),
                Keyspace.bytes(leaving == 0 && underWay.size() < MOST ? PAGE : 0)));
        removed.forEach(id -> arguments.add(Keyspace.bytes(id)));
        link.run(Script.HOOKS, keys, arguments.toArray(byte[][]::new), (reply, e) -> {
            running = false;
            if (reply == null) { // the next heartbeat tries again
                done.addAll(removed);
                return;
            }
            removed.forEach(underWay::remove);
            answered(reply);
        });
    }

    @SuppressWarnings("unchecked")
    private void answered(List<Object> reply) {
        held = (Long) reply.getFirst() == 1;
        long lost = (Long) reply.get(3);
        if (dropped >= 0 && lost > dropped) {
            node.webhooks().served().overflowed(lost - dropped);
        }
        dropped = lost;
        if (!held) {
            after = "-";
            more = false;
            return;
        }
        more = (Long) reply.get(2) == 1;
        for (Object entry : (List<Object>) reply.get(4)) {
            List<Object> fields = (List<Object>) entry;
            after = text(fields.getFirst());
            if (underWay.add(after)) {
                deliver(after, fields);
            }
        }
        long wait = (Long) reply.get(1);
        if (leaving > 0) {
            return;
        }
        if (again || (more && underWay.size() < MOST)) {
            take();
        } else if (wait >= 0) {
            look(wait + 1);
        }
    }

    private void deliver(String entry, List<Object> fields) {
        Optional<WebhookEvent> event = event(fields);
        if (event.isEmpty()) {
            node.counters().skipped().increment();
            finished(entry);
        } else {
            node.webhooks().served().deliver(event.get(), () -> node.scheduler().execute(() -> finished(entry)));
        }
    }

    /** Empty when it is not from a node, or from one of a later version. */
    private static Optional<WebhookEvent> event(List<Object> fields) {
        String scope = text(fields.get(2));
        WebhookEvent.Type type = TYPES.get(text(fields.get(3)));
        return type == null || scope.indexOf(':') < 0 ? Optional.empty()
                : Optional.of(new WebhookEvent(text(fields.get(1)), type, Keyspace.channel(scope), text(fields.get(4)),
                        text(fields.get(5))));
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, UTF_8);
    }

    private void finished(String entry) {
        done.add(entry);
        if (!removing) {
            removing = true;
            node.scheduler().schedule(() -> {
                removing = false;
                if (leaving == 0) {
                    take();
                }
            }, GATHERING);
        }
    }

    private void look(long millis) {
        long at = node.clock().nanos() + millis * 1_000_000;
        if (lookAt != Long.MAX_VALUE && lookAt - at <= 0) {
            return;
        }
        lookAt = at;
        node.scheduler().schedule(() -> {
            if (lookAt == at) {
                lookAt = Long.MAX_VALUE;
                if (leaving == 0) {
                    take();
                }
            }
        }, Duration.ofMillis(millis));
    }
}
