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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The events of one partition. One node at a time takes them, under a lease of its own in the partition; each stays in
 * Redis until it is done, so that the next node begins with the first that is not. Cluster thread only.
 */
final class WaitingEvents {

    private static final int PAGE = 256 * 1024;
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

    /** What was taken and is not yet removed. */
    private record Taken(String app, long bytes) {}

    /** By the id of its entry. */
    private final Map<String, Taken> underWay = new HashMap<>();
    private final WaitingShares shares = new WaitingShares();
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
    /** Whether the next page is of an application whose events waited, if there is one. */
    private boolean catchUp;
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
        readAnew();
        lookAt = Long.MAX_VALUE;
    }

    private void readAnew() {
        after = "-";
        shares.anew();
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
        if (underWay.isEmpty()) {
            readAnew();
        }
        Optional<String> behind = catchUp && leaving == 0 ? shares.withRoom() : Optional.empty();
        catchUp = !catchUp;
        long bytes = 0;
        for (String id : removed) {
            Taken taken = underWay.get(id);
            bytes += taken == null ? 0 : taken.bytes;
        }
        List<byte[]> arguments = new ArrayList<>(List.of(base, node.identity().idBytes(),
                Keyspace.bytes(lease.toMillis()), Keyspace.bytes(behind.map(shares::before).orElse(after)),
                Keyspace.bytes(leaving == 0 ? PAGE : 0), Keyspace.bytes(bytes)));
        removed.forEach(id -> arguments.add(Keyspace.bytes(id)));
        link.run(Script.HOOKS, keys, arguments.toArray(byte[][]::new), (reply, e) -> {
            running = false;
            if (reply == null) { // the next heartbeat tries again
                done.addAll(removed);
                return;
            }
            removed.forEach(this::removed);
            answered(reply, behind);
        });
    }

    private void removed(String entry) {
        Taken taken = underWay.remove(entry);
        if (taken != null) {
            shares.gone(taken.app, taken.bytes);
        }
    }

    @SuppressWarnings("unchecked")
    private void answered(List<Object> reply, Optional<String> behind) {
        held = (Long) reply.getFirst() == 1;
        long lost = (Long) reply.get(3);
        if (dropped >= 0 && lost > dropped) {
            node.webhooks().served().overflowed(lost - dropped);
        }
        dropped = lost;
        if (!held) {
            readAnew();
            more = false;
            return;
        }
        boolean whole = (Long) reply.get(2) == 0;
        List<Object> entries = (List<Object>) reply.get(4);
        if (behind.isPresent()) {
            takeWaiting(behind.get(), entries, whole);
        } else {
            more = !whole;
            takeNewest(entries);
        }
        long wait = (Long) reply.get(1);
        if (leaving > 0) {
            return;
        }
        if (again || more || behind.isPresent() || shares.withRoom().isPresent()) {
            take();
        } else if (wait >= 0) {
            look(wait + 1);
        }
    }

    @SuppressWarnings("unchecked")
    private void takeNewest(List<Object> entries) {
        int lost = 0;
        for (Object entry : entries) {
            List<Object> fields = (List<Object>) entry;
            String before = after;
            after = text(fields.getFirst());
            if (underWay.containsKey(after)) {
                continue;
            }
            String app = app(fields);
            switch (shares.newest(app, bytes(fields), before)) {
                case TAKEN -> deliver(after, app, fields);
                case DROPPED -> {
                    lost++;
                    underWay.put(after, new Taken("", bytes(fields)));
                    finished(after);
                }
                case WAITS -> {
                }
            }
        }
        if (lost > 0) {
            node.webhooks().served().overflowed(lost);
        }
    }

    /** Those of {@code app} among entries that were read before; {@code whole} when they are all up to the last. */
    @SuppressWarnings("unchecked")
    private void takeWaiting(String app, List<Object> entries, boolean whole) {
        for (Object entry : entries) {
            List<Object> fields = (List<Object>) entry;
            String id = text(fields.getFirst());
            if (underWay.containsKey(id) || !app(fields).equals(app)) {
                shares.passed(app, id);
            } else if (shares.next(app, bytes(fields), id)) {
                deliver(id, app, fields);
            } else {
                return;
            }
        }
        if (whole) {
            shares.caughtUp(app);
        }
    }

    /** As it stands in keys; all of a scope that is none. */
    private static String app(List<Object> fields) {
        String scope = text(fields.get(2));
        return scope.substring(0, Math.max(0, scope.indexOf(':')));
    }

    /** As write.lua counts them. */
    private static long bytes(List<Object> fields) {
        return 100L + ((byte[]) fields.get(2)).length + ((byte[]) fields.get(4)).length
                + ((byte[]) fields.get(5)).length;
    }

    private void deliver(String entry, String app, List<Object> fields) {
        underWay.put(entry, new Taken(app, bytes(fields)));
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
