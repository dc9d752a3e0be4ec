package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.nodes.Ledger.Answer;
import dev.reverb.server.cluster.nodes.Ledger.Entry;
import dev.reverb.testkit.Json;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A client over all its connections, and all numbers that it received. One that resumes does what the plugin for
 * {@code pusher-js} does: it remembers positions, opens another connection when its server announces the close,
 * subscribes there with its positions, and lets the former connection go then; one that does not subscribes anew. On
 * the crowd's thread, but for {@link #ready}.
 */
final class Returner {

    private static final long RETRY_MILLIS = 100;

    /** What one channel brought, over all connections. */
    private static final class Place {
        /** When it was subscribed for the first time. */
        long since = Long.MAX_VALUE;
        int[] ids = new int[256];
        int size;
        @Nullable
        String position;
        /** The connection that the position came by. */
        String socketId = "";

        void add(int id) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size * 2);
            }
            ids[size++] = id;
        }
    }

    private final Crowd crowd;
    private final Supplier<List<ServerNode>> serving;
    private final boolean resumes;
    private final AtomicBoolean ending;
    private final Map<Integer, Place> places = new LinkedHashMap<>();
    private @Nullable Connection current;
    private @Nullable Connection next;
    private volatile boolean ready;
    /** What became of its connections, for the report of a test that fails. */
    private final StringBuilder story = new StringBuilder();
    private int moves;
    private int late;
    private int gaps;
    private int unrecovered;
    private int errors;

    /**
     * @param serving the servers that a load balancer would choose from now
     * @param resumes whether it takes part in the protocol of {@code docs/resume.md}
     * @param ending true once it is to come back no more
     */
    Returner(Crowd crowd, Supplier<List<ServerNode>> serving, List<Integer> channels, boolean resumes,
            AtomicBoolean ending) {
        this.crowd = crowd;
        this.serving = serving;
        this.resumes = resumes;
        this.ending = ending;
        channels.forEach(channel -> places.put(channel, new Place()));
    }

    /** Whether all its channels are subscribed. */
    boolean ready() {
        return ready;
    }

    boolean resumes() {
        return resumes;
    }

    /** How often it changed over to another server before its own closed. */
    int moves() {
        return moves;
    }

    /** How often its own closed while it was about to change over. */
    int late() {
        return late;
    }

    /** How often it was without a connection. */
    int gaps() {
        return gaps;
    }

    /** How often a server said that something was wrong. */
    int errors() {
        return errors;
    }

    /** How often a server could not close a gap. */
    int unrecovered() {
        return unrecovered;
    }

    /** Connects; to {@code node}, unless that is null. */
    void connect(@Nullable ServerNode node) {
        List<ServerNode> all = serving.get();
        if (ending.get()) {
            return;
        } else if (node == null && all.isEmpty()) {
            crowd.later(RETRY_MILLIS, () -> connect(null));
            return;
        }
        ServerNode to = node == null ? all.get(ThreadLocalRandom.current().nextInt(all.size())) : node;
        Connection connection = new Connection(to);
        if (current == null) {
            current = connection;
        } else {
            next = connection;
        }
        crowd.join(to.port(), connection);
    }

    /** One of its connections. */
    private final class Connection extends Session {
        private final Set<Integer> waiting = new HashSet<>(places.keySet());
        /** Channels that another connection brings now. */
        private final Set<Integer> muted = new HashSet<>();
        private final ServerNode node;
        private String id = "";

        Connection(ServerNode node) {
            this.node = node;
        }

        private void tell(String what) {
            story.append("; ")
                    .append(System.nanoTime() / 1_000_000 % 1_000_000)
                    .append(" at ")
                    .append(node.number())
                    .append(' ')
                    .append(what);
        }

        @Override
        protected void established(String socketId) {
            id = socketId;
            tell("connected");
            Connection old = current == this ? null : current;
            places.forEach((channel, place) -> {
                if (old != null) {
                    old.muted.add(channel);
                }
                String resume = place.position == null ? "{}"
                        : "{\"position\":\"" + place.position + "\",\"socket_id\":\"" + place.socketId
                                + "\",\"fallback\":\"none\"}";
                send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + ApiPublisher.channel(channel) + "\""
                        + (resumes ? ",\"resume\":" + resume : "") + "}}");
            });
        }

        @Override
        protected void received(ByteBuf in, int start, int length) {
            String text = in.toString(start, length, UTF_8);
            if (text.startsWith("{\"event\":\"pusher_internal:moving\"")) {
                tell("moving");
                if (current == this && next == null) {
                    connect(null);
                }
                return;
            }
            if (text.startsWith("{\"event\":\"pusher:error\"")) {
                tell(text);
                errors++;
                return;
            }
            int channel = Integer.parseInt(after(text, "\"channel\":\"c-"));
            Place place = places.get(channel);
            if (place == null || muted.contains(channel)) {
                return;
            }
            if (text.startsWith("{\"event\":\"m\"")) {
                place.add(Integer.parseInt(after(text, "\"data\":\"")));
                if (resumes) {
                    place.position = after(text, "\"position\":\"");
                    place.socketId = id;
                }
            } else if (text.startsWith("{\"event\":\"pusher_internal:resumed\"")) {
                JsonNode answer = Json.parse(Json.parse(text).path("data").asString());
                tell(channel + " from " + place.position + " " + answer);
                unrecovered += answer.path("recovered").asBoolean() ? 0 : 1;
                String position = answer.path("position").asString("");
                place.position = position.isEmpty() ? null : position;
                place.socketId = answer.path("count").asInt() == 0 ? id : place.socketId;
                subscribed(channel, place);
            } else if (!resumes && text.contains("subscription_succeeded")) {
                subscribed(channel, place);
            }
        }

        private void subscribed(int channel, Place place) {
            place.since = Math.min(place.since, System.nanoTime());
            waiting.remove(channel);
            if (waiting.isEmpty()) {
                ready = true;
                if (next == this) {
                    Connection old = current;
                    current = this;
                    next = null;
                    moves++;
                    if (old != null) {
                        old.close();
                    }
                }
            }
        }

        @Override
        protected void ended() {
            tell("ended" + (current == this ? ", the current one" : next == this ? ", the next one" : ""));
            if (next == this) {
                next = null;
                if (current != null) { // there is time for another attempt, or its end brings one
                    crowd.later(RETRY_MILLIS, () -> again(current));
                }
            } else if (current == this) {
                current = next;
                next = null;
                if (current == null) {
                    gaps++;
                    crowd.later(RETRY_MILLIS, () -> again(null));
                } else {
                    late++;
                }
            }
        }
    }

    /** Connects once more unless something else has changed meanwhile. */
    private void again(@Nullable Connection still) {
        if (current == still && next == null) {
            connect(null);
        }
    }

    private static String after(String text, String name) {
        int from = text.indexOf(name) + name.length();
        return text.substring(from, text.indexOf('"', from));
    }

    /** Adds what it lacks and what it has wrongly to {@code verdict}. */
    void judge(Ledger ledger, Map<Integer, List<Entry>> published, Verdict verdict) {
        places.forEach((channel, place) -> {
            BitSet got = new BitSet();
            Map<ServerNode, Integer> last = new HashMap<>();
            for (int i = 0; i < place.size; i++) {
                int id = place.ids[i];
                Entry entry = ledger.get(id);
                if (got.get(id)) {
                    verdict.doubled("message " + id + " in " + channel);
                }
                got.set(id);
                Integer before = last.put(entry.node, id);
                if (before != null && before > id) {
                    verdict.disordered("message " + id + " after " + before + " in " + channel + ", published at "
                            + entry.node.number());
                }
            }
            for (Entry entry : published.getOrDefault(channel, List.of())) {
                if (entry.answer == Answer.ACKNOWLEDGED && entry.sentAt > place.since) {
                    verdict.isDue();
                    if (!got.get(entry.id)) {
                        verdict.missing(
                                "message " + entry.id + " in " + channel + ", published at " + entry.node.number()
                                        + " at " + entry.sentAt / 1_000_000 % 1_000_000 + ", to one of " + story);
                    }
                }
            }
        });
    }
}
