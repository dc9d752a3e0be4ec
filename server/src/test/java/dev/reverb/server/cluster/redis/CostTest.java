package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a publication and a query cost, in commands and in bytes, with two nodes and with ten. */
@Tag("slow")
final class CostTest extends Faults {

    private static final Logger log = LoggerFactory.getLogger(CostTest.class);
    private static final int CHANNELS = 10_000;
    private static final int PUBLICATIONS = 400;
    private static final byte[] MESSAGE = ("{\"event\":\"e\",\"data\":\""
            + "0123456789012345678901234567890123456789\",\"channel\":\"x\"}").getBytes(UTF_8);
    /** So long that no heartbeat falls into what is counted. */
    private static final Duration LEASE = Duration.ofMinutes(30);

    /**
     * One node, and what passed between it and Redis.
     *
     * @param link counts bytes
     */
    private record Member(RedisCluster node, RecordingEvents events, CutProxy link) {

        Spent spent() {
            return new Spent(node.statistics().commands(), link.bytes());
        }
    }

    private record Spent(long commands, long bytes) {
        Spent since(Spent before) {
            return new Spent(commands - before.commands, bytes - before.bytes);
        }
    }

    /**
     * What was counted.
     *
     * @param publishing by each node, for all publications
     * @param aside by a node with no channel in that partition
     * @param query by the node that was asked
     */
    private record Cost(List<Spent> publishing, Spent aside, Spent query, Map<String, ChannelCounts> answer) {}

    private static ChannelId channel(int number) {
        return new ChannelId("app", "channel-" + number);
    }

    private Member member(RedisProcess redis) throws Exception {
        CutProxy link = track(new CutProxy(redis.port()));
        RecordingEvents events = new RecordingEvents();
        return new Member(track(Configs.connected(Configs.withLease(Configs.single(link.address()), LEASE), events)),
                events, link);
    }

    private Cost cost(int nodes) throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            members.add(member(redis));
        }
        for (int i = 0; i < CHANNELS; i++) {
            RedisCluster node = members.get(i % nodes).node;
            node.broker().attach(channel(i));
            node.state().count(channel(i), 1);
        }
        for (int i = 0; i < CHANNELS; i++) {
            ChannelId channel = channel(i);
            RecordingEvents events = members.get(i % nodes).events;
            Await.until(LONG, () -> "not attached", () -> !events.attached(channel).isEmpty());
        }
        ChannelId target = channel(1);
        Member aside = member(redis);
        ChannelId elsewhere = new ChannelId("app", "elsewhere");
        assertTrue(Keyspace.partition(elsewhere) != Keyspace.partition(target));
        aside.node.broker().attach(elsewhere);
        Await.until(LONG, () -> "not attached", () -> !aside.events.attached(elsewhere).isEmpty());
        Await.until(LONG, () -> "counts", () -> answer(members.getFirst()).size() == CHANNELS);
        quiet(members, aside);

        List<Spent> before = members.stream().map(Member::spent).toList();
        Spent asideBefore = aside.spent();
        for (int i = 0; i < PUBLICATIONS; i++) {
            AtomicInteger done = new AtomicInteger();
            assertTrue(members.getFirst().node.broker()
                    .publish(List.of(Publication.of(target, MESSAGE)), done::incrementAndGet));
            Await.until(LONG, () -> "not acknowledged", () -> done.get() == 1);
        }
        RecordingEvents events = members.get(1).events;
        Await.until(LONG, () -> "not delivered", () -> events.count(target) == PUBLICATIONS);
        quiet(members, aside);
        List<Spent> publishing = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            publishing.add(members.get(i).spent().since(before.get(i)));
        }
        Spent asideSpent = aside.spent().since(asideBefore);
        Spent queryBefore = members.getFirst().spent();
        Map<String, ChannelCounts> answer = answer(members.getFirst());
        quiet(members, aside);
        Spent query = members.getFirst().spent().since(queryBefore);
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertEquals(CHANNELS, answer(members.getFirst()).size());
        }
        log.info("{} nodes: {} ms to list {} channels", nodes, (System.nanoTime() - start) / 20_000_000, CHANNELS);
        Cost cost = new Cost(publishing, asideSpent, query, answer);
        closeAll();
        return cost;
    }

    private static Map<String, ChannelCounts> answer(Member member) {
        try {
            return member.node.queries().channels("app", "").toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until nothing passes for a moment. */
    private static void quiet(List<Member> members, Member aside) {
        long[] last = {-1, System.nanoTime()};
        Await.until(LONG, () -> "never quiet", () -> {
            long now = members.stream().mapToLong(m -> m.link.bytes()).sum() + aside.link.bytes();
            if (now != last[0]) {
                last[0] = now;
                last[1] = System.nanoTime();
            }
            return System.nanoTime() - last[1] > 300_000_000L;
        });
    }

    @Test
    void aPublicationAndAQueryCostTheSameWithTwoNodesAndWithTen() throws Exception {
        Cost two = cost(2);
        Cost ten = cost(10);

        assertEquals(CHANNELS, two.answer.size());
        assertEquals(two.answer, ten.answer);
        assertEquals(two.query.commands, ten.query.commands, "commands of a query");
        assertTrue(ten.query.bytes <= two.query.bytes * 102 / 100, () -> "a query: " + two.query + ", " + ten.query);

        Spent publisher = two.publishing.getFirst();
        Spent subscriber = two.publishing.get(1);
        assertTrue(publisher.commands <= PUBLICATIONS + 2, () -> "more than one command for each: " + publisher);
        for (int i = 0; i < 10; i++) {
            Spent spent = ten.publishing.get(i);
            Spent bound = i == 0 ? publisher : subscriber;
            assertTrue(spent.bytes <= bound.bytes * 102 / 100,
                    () -> "bytes: " + ten.publishing + " after " + two.publishing);
            assertTrue(spent.commands <= bound.commands + 2, () -> "commands: " + ten.publishing);
        }
        assertEquals(new Spent(0, 0), ten.aside, "a node without channels in that partition");
    }
}
