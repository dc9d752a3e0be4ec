package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What stands in Redis and is not from a node holds up nothing that is. */
class ForeignEntriesTest extends Faults {

    private static final ChannelId CHANNEL = new ChannelId("app", "presence-news");
    private static final int PARTITION = Keyspace.partition(CHANNEL);
    private static final String LOG = "test:{" + PARTITION + "}:log";
    private static final String ORIGINS = "test:{" + PARTITION + "}:origins";
    private static final String TOPIC = "test:0:{" + PARTITION + "}";

    /** What follows the header of a frame, in place of entries. */
    private static final List<String> NO_ENTRIES = List.of("\u0009", "\u0001\0",
            "\u0001\0\u0005app:c" + "\0".repeat(16) + "\u007f\u007f\u007f\u007f", "\u0001\0\u0003app" + "\0".repeat(20),
            "\u0002\u007fx", "\u0001\u007f\u007fapp");
    private static final List<String> NO_FRAMES = Stream
            .concat(Stream.of("", "\u0001", "\u0001\u0005ab", "garbage"),
                    NO_ENTRIES.stream()
                            .map(entries -> "\u0001\u0001" + (char) ('a' + NO_ENTRIES.indexOf(entries)) + "\0".repeat(7)
                                    + "\u0001" + entries))
            .toList();

    private final RecordingEvents heard = new RecordingEvents();

    private static void publish(RedisCluster node, ChannelId channel, String message) {
        AtomicInteger acknowledged = new AtomicInteger();
        assertTrue(node.broker()
                .publish(List.of(Publication.of(channel, message.getBytes(UTF_8))), acknowledged::incrementAndGet));
        Await.until(LONG, () -> message + " not acknowledged", () -> acknowledged.get() == 1);
    }

    private void arrives(RedisCluster from, String message) {
        publish(from, CHANNEL, message);
        Await.until(LONG, () -> message + " is not in " + heard.messages(CHANNEL),
                () -> heard.messages(CHANNEL).contains(message));
    }

    @Test
    void entriesOfALogThatAreNoFramesAreSkippedAndCounted() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster from = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster to = track(Configs.connected(Configs.single(redis.address()), heard));
        to.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(CHANNEL).isEmpty());
        arrives(from, "before");
        int n = 0;
        for (String entry : NO_FRAMES) {
            long skipped = to.statistics().skipped();
            assertTrue(redis.command("XADD", LOG, "*", "f", entry).startsWith("$"));
            redis.command("HINCRBY", ORIGINS, "#seq", "1"); // the next message shows a gap
            arrives(from, "after " + n++);
            assertTrue(to.statistics().skipped() > skipped, "not counted: " + n);
        }
        redis.command("CLIENT", "KILL", "TYPE", "pubsub");
        arrives(from, "last");
        assertEquals(n + 2, heard.count(CHANNEL), "once each: " + heard.messages(CHANNEL));
    }

    @Test
    void anEntryFromTheFutureDoesNotEndTheLog() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster from = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster to = track(Configs.connected(Configs.single(redis.address()), heard));
        to.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(CHANNEL).isEmpty());
        arrives(from, "before");
        redis.command("XADD", LOG, "9999999999999-7", "f", "garbage");
        arrives(from, "after");
        arrives(from, "later");
        assertEquals(List.of("before", "after", "later"), heard.messages(CHANNEL));
    }

    @Test
    void messagesThatAreNoneAreSkipped() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster from = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster to = track(Configs.connected(Configs.single(redis.address()), heard));
        to.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(CHANNEL).isEmpty());
        int n = 0;
        for (String message : List.of("", "x", "12345", "1-", "1-2", "-1 x", "1-2-3 x", "1-1", "L", "L x y z",
                "Lab 999 1", "Lab 99999999999999999999 1", "99999999999999999999999999999999999999999999999 x")) {
            redis.command("PUBLISH", TOPIC, message);
            redis.command("PUBLISH", "test:0:{" + Keyspace.CONTROL + "}", message);
            arrives(from, "after " + n++);
        }
        for (String frame : NO_FRAMES) {
            String next = nextId(redis);
            redis.command("PUBLISH", TOPIC, next + " " + frame);
            arrives(from, "after " + n++);
        }
        assertEquals(n, heard.count(CHANNEL), "once each: " + heard.messages(CHANNEL));
    }

    /** The id that follows the last of the log. */
    private static String nextId(RedisProcess redis) {
        String last = redis
                .command("EVAL", "return redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][1]", "1", LOG)
                .split("\r\n")[1];
        int dash = last.indexOf('-');
        return last.substring(0, dash + 1) + (Long.parseLong(last.substring(dash + 1)) + 1);
    }

    @Test
    void fieldsOfHashesThatAreNoneAreSkipped() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        redis.command("HSET", ORIGINS, "", "", "foreign", "no number", "another", "7");
        redis.command("HSET", "test:{" + PARTITION + "}:pres:app:" + CHANNEL.name(), "no colon", "{}");
        redis.command("HSET", "test:{" + PARTITION + "}:occ:app", CHANNEL.name(), "many");
        redis.command("HSET", "test:{app:app}:connections", "foreign", "many", "#", "lots");
        RedisCluster from = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster to = track(Configs.connected(Configs.single(redis.address()), heard));
        to.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(CHANNEL).isEmpty());
        arrives(from, "one");
        assertEquals(0, from.queries().connections("app").toCompletableFuture().join());
        assertEquals(0, from.queries().channel(CHANNEL).toCompletableFuture().join().subscriptions());
        AtomicInteger admitted = new AtomicInteger();
        from.state().connect("app", 1, yes -> admitted.addAndGet(yes ? 1 : 100));
        Await.until(LONG, () -> "not decided", () -> admitted.get() == 1);
    }

    @Test
    void namesAndIdsOfMoreThan65535BytesReachOtherNodes() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster from = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster to = track(Configs.connected(Configs.single(redis.address()), heard));
        for (int length : List.of(65_534, 65_535, 65_536, 200_000)) {
            String id = "u".repeat(length);
            ChannelId channel = new ChannelId("app", "presence-" + "c".repeat(length - 13));
            to.broker().attach(channel);
            Await.until(LONG, () -> "not attached", () -> !heard.attached(channel).isEmpty());
            from.state().join(channel, member(from, id));
            from.state().count(channel, 1);
            publish(from, channel, "x");
            Await.until(LONG, () -> "nothing of " + length, () -> heard.count(channel) == 1);
            Await.until(LONG, () -> "no member of " + length, () -> heard.members(channel).contains(id));
            Control control = new Control.TerminateUser("app", id);
            from.state().broadcast(control, () -> {});
            Await.until(LONG, () -> "no request of " + length, () -> heard.controls().contains(control));
        }
        from.close();
        for (ChannelId channel : heard.channels()) {
            Await.until(LONG, () -> "members stay", () -> heard.members(channel).isEmpty());
        }
    }
}
