package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.RecordingWebhooks;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What nodes over one Redis tell webhooks: once, by one of them, in order for each channel. */
@Tag("slow")
final class WebhookEventsTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private record Node(RedisCluster cluster, RecordingWebhooks webhooks, CutProxy way) {
        void die() {
            way.cut();
        }
    }

    private final List<Node> nodes = new ArrayList<>();
    private RedisProcess redis;

    @BeforeEach
    void start() throws Exception {
        redis = RedisProcess.server();
    }

    @AfterEach
    void stop() throws Exception {
        for (Node node : nodes) {
            node.cluster.close();
            node.way.close();
        }
        redis.close();
    }

    private Node node() throws Exception {
        Node node = another();
        Await.until(SOON, () -> "the nodes do not know each other",
                () -> nodes.stream().allMatch(one -> one.cluster.statistics().nodes() == nodes.size()));
        return node;
    }

    private Node another() throws Exception {
        RecordingWebhooks webhooks = new RecordingWebhooks();
        CutProxy way = new CutProxy(redis.port());
        RedisCluster cluster = Configs.connected(Configs.single(way.address()), new RecordingEvents());
        cluster.serve(webhooks);
        Node node = new Node(cluster, webhooks, way);
        nodes.add(node);
        return node;
    }

    private List<String> told(ChannelId channel) {
        return nodes.stream().flatMap(node -> node.webhooks.of(channel).stream()).toList();
    }

    private void awaitTold(ChannelId channel, String... events) {
        Await.until(SOON, () -> told(channel).toString(), () -> told(channel).equals(List.of(events)));
    }

    private static Member member(Node node, String user) {
        return new Member(node.cluster.node(), user, ("{\"user_id\":\"" + user + "\"}").getBytes(UTF_8));
    }

    @Test
    void aChannelIsOccupiedOnceAndVacatedWhenTheLastNodeLeftIt() throws Exception {
        Node a = node();
        Node b = node();
        Node c = node();
        for (int i = 0; i < 10; i++) { // over several partitions
            ChannelId channel = new ChannelId("app", "room-" + i);
            a.cluster.state().count(channel, 1);
            awaitTold(channel, "channel_occupied");
            b.cluster.state().count(channel, 1);
            c.cluster.state().count(channel, 2);
            a.cluster.state().count(channel, 0);
            b.cluster.state().count(channel, 0);
        }
        ChannelId quiet = new ChannelId("quiet", "room");
        a.cluster.state().count(quiet, 1);
        ChannelId last = new ChannelId("app", "last");
        c.cluster.state().count(last, 1);
        awaitTold(last, "channel_occupied");
        c.cluster.state().count(last, 0);
        awaitTold(last, "channel_occupied", "channel_vacated");
        for (int i = 0; i < 10; i++) {
            assertEquals(List.of("channel_occupied"), told(new ChannelId("app", "room-" + i)));
            c.cluster.state().count(new ChannelId("app", "room-" + i), 0);
        }
        for (int i = 0; i < 10; i++) {
            awaitTold(new ChannelId("app", "room-" + i), "channel_occupied", "channel_vacated");
        }
        assertEquals(List.of(), told(quiet));
        Await.until(SOON, () -> "entries stay in Redis: " + waiting(), () -> waiting().isEmpty());
    }

    private String waiting() {
        StringBuilder all = new StringBuilder();
        for (String key : redis.command("KEYS", "*hooks").lines().filter(line -> line.endsWith("hooks")).toList()) {
            String length = redis.command("XLEN", key).strip();
            all.append(length.equals(":0") ? "" : key + length + " ");
        }
        return all.toString();
    }

    @Test
    void membersCountOverNodesAndAReloadOnAnotherNodeMakesNoNoise() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = new ChannelId("app", "presence-room");
        a.cluster.state().count(channel, 1);
        a.cluster.state().join(channel, member(a, "1"));
        awaitTold(channel, "channel_occupied", "member_added 1");
        a.cluster.state().leave(channel, "1");
        a.cluster.state().count(channel, 0);
        b.cluster.state().count(channel, 1);
        b.cluster.state().join(channel, member(b, "1"));
        b.cluster.state().join(channel, member(b, "2"));
        awaitTold(channel, "channel_occupied", "member_added 1", "member_added 2");
        b.cluster.state().leave(channel, "2");
        awaitTold(channel, "channel_occupied", "member_added 1", "member_added 2", "member_removed 2");
        b.cluster.state().leave(channel, "1");
        b.cluster.state().count(channel, 0);
        awaitTold(channel, "channel_occupied", "member_added 1", "member_added 2", "member_removed 2",
                "member_removed 1", "channel_vacated");
    }

    @Test
    void whatADeadNodeLeavesIsTold() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = new ChannelId("app", "presence-dead");
        b.cluster.state().count(channel, 1);
        b.cluster.state().join(channel, member(b, "7"));
        Await.until(SOON, () -> told(channel).toString(), () -> told(channel).size() == 2);
        b.die();
        Await.until(Duration.ofSeconds(40), () -> told(channel).toString(),
                () -> told(channel).containsAll(List.of("member_removed 7", "channel_vacated")));
        assertTrue(a.webhooks.of(channel).containsAll(List.of("member_removed 7", "channel_vacated")));
    }

    @Test
    void theNextNodeBeginsWithWhatTheLastHadNotDone() throws Exception {
        Node a = node();
        Node b = node();
        a.webhooks.hold();
        b.webhooks.hold();
        List<ChannelId> channels = Stream.iterate(0, i -> i + 1)
                .limit(20)
                .map(i -> new ChannelId("app", "c-" + i))
                .toList();
        for (ChannelId channel : channels) {
            for (int n = 0; n < 5; n++) {
                a.cluster.outbox().append(channel, WebhookEvent.Type.CLIENT_EVENT, "\"n\":" + n);
            }
        }
        String[] all = Stream.iterate(0, i -> i + 1)
                .limit(5)
                .map(n -> "client_event \"n\":" + n)
                .toArray(String[]::new);
        channels.forEach(channel -> awaitTold(channel, all));
        long ofA = channels.stream().filter(channel -> !a.webhooks.of(channel).isEmpty()).count();
        assertTrue(ofA > 0 && ofA < channels.size(), ofA + " of " + channels.size());
        a.die();
        for (ChannelId channel : channels) {
            Await.until(Duration.ofSeconds(40), () -> b.webhooks.of(channel).toString(),
                    () -> b.webhooks.of(channel).equals(List.of(all)));
            if (!a.webhooks.of(channel).isEmpty()) {
                assertEquals(a.webhooks.ids(channel), b.webhooks.ids(channel));
            }
        }
    }

    @Test
    void redisThatLostEverythingIsToldAgainUnderTheSameIds() throws Exception {
        Node a = node();
        a.webhooks.hold();
        ChannelId channel = new ChannelId("app", "again");
        for (int n = 0; n < 10; n++) {
            a.cluster.outbox().append(channel, WebhookEvent.Type.CLIENT_EVENT, "\"n\":" + n);
        }
        Await.until(SOON, () -> told(channel).toString(), () -> told(channel).size() == 10);
        redis.command("FLUSHALL");
        Await.until(SOON, () -> told(channel).toString(), () -> told(channel).size() == 20);
        assertEquals(10, new HashSet<>(a.webhooks.ids(channel)).size());
        assertEquals(a.webhooks.ids(channel).subList(0, 10), a.webhooks.ids(channel).subList(10, 20));
    }

    /** Channels of two applications whose events are in one partition. */
    private static List<ChannelId> together() {
        ChannelId dead = new ChannelId("dead", "room");
        ChannelId live = Stream.iterate(0, i -> i + 1)
                .map(i -> new ChannelId("live", "room-" + i))
                .filter(channel -> Keyspace.partition(channel) == Keyspace.partition(dead))
                .findFirst()
                .orElseThrow();
        return List.of(dead, live);
    }

    private static void append(Node node, ChannelId channel, int from, int to, String more) {
        for (int n = from; n < to; n++) {
            node.cluster.outbox().append(channel, WebhookEvent.Type.CLIENT_EVENT, "\"n\":" + n + more);
        }
    }

    @Test
    void anApplicationWhoseReceiverIsAwayKeepsNoRoomOfOthersAndLosesNothing() throws Exception {
        Node a = node();
        a.webhooks.hold("dead");
        ChannelId dead = together().getFirst();
        ChannelId live = together().getLast();
        int events = 24_000;
        append(a, dead, 0, events, "");
        append(a, live, 0, 3, "");
        awaitTold(live, "client_event \"n\":0", "client_event \"n\":1", "client_event \"n\":2");
        a.webhooks.release();
        Await.until(Duration.ofSeconds(60), () -> told(dead).size() + " of " + events,
                () -> told(dead).size() == events);
        assertEquals(Stream.iterate(0, n -> n + 1).limit(events).map(n -> "client_event \"n\":" + n).toList(),
                told(dead));
        assertEquals(0, a.webhooks.overflow());
        Await.until(SOON, () -> "entries stay in Redis: " + waiting(), () -> waiting().isEmpty());
    }

    @Test
    void whatIsBeyondTheRoomInRedisIsLostByTheApplicationThatHasMost() throws Exception {
        Node a = node();
        a.webhooks.hold();
        ChannelId dead = together().getFirst();
        ChannelId live = together().getLast();
        append(a, live, 0, 10, "");
        String large = ",\"data\":\"" + "x".repeat(9000) + "\"";
        for (int n = 0; n < 2000; n += 200) { // 18 MB
            append(a, dead, n, n + 200, large);
            int count = n + 210;
            Await.until(SOON, () -> stored(dead) + " are stored, " + a.webhooks.overflow() + " lost, of " + count,
                    () -> stored(dead) + a.webhooks.overflow() == count);
        }
        append(a, live, 10, 20, "");
        Await.until(SOON, () -> told(live).size() + " of 20", () -> told(live).size() == 20);
        assertTrue(a.webhooks.overflow() > 500, () -> a.webhooks.overflow() + " are lost");
        a.die(); // what it had under way is in Redis still
        Node b = another();
        Await.until(Duration.ofSeconds(60), () -> b.webhooks.of(live).toString(),
                () -> b.webhooks.of(live).size() == 20);
        assertEquals(2000, a.webhooks.overflow() + b.webhooks.of(dead).size());
        assertEquals(Stream.iterate(0, n -> n + 1)
                .limit(b.webhooks.of(dead).size())
                .map(n -> "client_event \"n\":" + n + large)
                .toList(), b.webhooks.of(dead), "the newest are lost");
    }

    @Test
    void whatOthersSendDoesNotCountForTheRoomOfOneThatWaits() throws Exception {
        Node a = node();
        a.webhooks.hold("dead");
        ChannelId dead = together().getFirst();
        ChannelId live = together().getLast();
        append(a, dead, 0, 10, "");
        String large = ",\"data\":\"" + "x".repeat(9000) + "\"";
        for (int n = 0; n < 2000; n += 200) { // 18 MB, each part gone before the next
            append(a, live, n, n + 200, large);
            int count = n + 200;
            Await.until(SOON, () -> told(live).size() + " of " + count, () -> told(live).size() == count);
        }
        assertEquals(0, a.webhooks.overflow());
        Await.until(SOON, () -> stored(dead) + " are stored", () -> stored(dead) == 10);
    }

    /** Events that the partition of {@code channel} has in Redis. */
    private int stored(ChannelId channel) {
        return Integer.parseInt(
                redis.command("XLEN", "test:{" + Keyspace.partition(channel) + "}:hooks").strip().substring(1));
    }

    @Test
    void countsAreToldOnceInAWhile() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = new ChannelId("app", "counted");
        for (int n = 1; n <= 5; n++) {
            a.cluster.state().count(channel, n);
            b.cluster.state().count(channel, n);
        }
        Await.until(SOON, () -> counts(channel).toString(),
                () -> counts(channel).equals(List.of("\"subscription_count\":10")));
    }

    private List<String> counts(ChannelId channel) {
        return nodes.stream().flatMap(node -> node.webhooks.counts(channel).stream()).toList();
    }
}
