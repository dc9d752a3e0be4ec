package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Frames of publications alone take a short way through {@code write.lua}; the log must not show which way one took. */
final class PlainFrameTest extends Faults {

    private static final ChannelId CHANNEL = new ChannelId("app", "news");
    private static final String LOG = "test:{" + Keyspace.partition(CHANNEL) + "}:log";

    private static long calls(RedisProcess redis, String command) {
        Matcher found = Pattern.compile("cmdstat_" + command + ":calls=(\\d+)")
                .matcher(redis.command("INFO", "commandstats"));
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    private static long number(String reply) {
        return Long.parseLong(reply.strip().substring(1));
    }

    private static String log(RedisProcess redis) {
        return redis.command("KEYS", "*:log").lines().filter(key -> key.contains("{")).findFirst().orElse(LOG);
    }

    private static void publish(RedisCluster node, int from, int to) {
        for (int i = from; i < to; i++) {
            AtomicInteger done = new AtomicInteger();
            byte[] message = ("{\"event\":\"e\",\"data\":\"" + i + "\"}").getBytes(UTF_8);
            assertTrue(node.broker().publish(List.of(Publication.of(CHANNEL, message)), done::incrementAndGet));
            Await.until(LONG, () -> "not acknowledged", () -> done.get() == 1);
        }
    }

    private RedisCluster node(RedisProcess redis, Duration retention, RecordingEvents events) {
        ScalingConfig config = Configs.single(redis.address());
        return track(Configs.connected(new ScalingConfig(true, config.prefix(), config.redis(), config.lease(),
                retention, config.whenDown(), true), events));
    }

    @Test
    void mostTakeTheShortWayAndStandInTheLogLikeOthers() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RecordingEvents events = new RecordingEvents();
        RedisCluster subscriber = node(redis, Duration.ofSeconds(60), events);
        RedisCluster publisher = node(redis, Duration.ofSeconds(60), new RecordingEvents());
        subscriber.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !events.attached(CHANNEL).isEmpty());
        publish(publisher, 0, 1);
        String key = log(redis);
        long renewed = calls(redis, "pexpire");
        long written = number(redis.command("XLEN", key));

        long start = System.nanoTime();
        publish(publisher, 1, 320);

        long seconds = (System.nanoTime() - start) / 1_000_000_000L + 1;
        long longWays = calls(redis, "pexpire") - renewed;
        assertTrue(longWays >= 319 / 16, "the life of the log was renewed " + longWays + " times");
        assertTrue(longWays <= 20 + 6 * seconds, longWays + " of 319 frames took the long way, in " + seconds + " s");
        assertEquals(written + 319, number(redis.command("XLEN", key)));
        assertTrue(number(redis.command("PTTL", key)) > 170_000);
        Await.until(LONG, () -> "delivered " + events.count(CHANNEL), () -> events.count(CHANNEL) == 320);
        assertEquals(redis.command("HGET", key.replace(":log", ":origins"), "#bytes").strip(), redis
                .command("EVAL", "return redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][2][4]", "1", key)
                .strip());
    }

    @Test
    void whatIsOlderThanTheRetentionIsTrimmedStill() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster publisher = node(redis, Duration.ofSeconds(1), new RecordingEvents());
        AtomicInteger published = new AtomicInteger();
        Await.until(LONG, () -> "nothing was trimmed of " + published, () -> {
            publish(publisher, published.get(), published.addAndGet(50));
            return number(redis.command("XLEN", log(redis))) < published.get();
        });
    }
}
