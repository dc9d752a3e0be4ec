package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients of one application, at one node, choose what they answer: another one's publishers, at another node, wait for
 * none of it.
 */
@Tag("slow")
final class HostileReadersTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration RUN = Duration.ofSeconds(12);
    private static final long PACE_NANOS = 20_000_000;
    private static final int HOSTILE = 200;
    private static final int CHANNELS = 20;
    private static final int EVENT_BYTES = 4_000;
    private static final int EVENTS_PER_SECOND = 13;

    @TempDir
    Path folder;

    /** Reads everything, answers what it likes. */
    private static final class Hostile extends Spectator {
        private final boolean answers;

        Hostile(boolean answers) {
            super("loud", false);
            this.answers = answers;
        }

        @Override
        protected boolean answersPings() {
            return answers;
        }

        void talk(Crowd crowd) {
            if (open()) {
                send("{\"event\":\"client-m\",\"channel\":\"loud\",\"data\":\"" + "x".repeat(EVENT_BYTES) + "\"}");
                crowd.later(1_000 / EVENTS_PER_SECOND, () -> talk(crowd));
            }
        }
    }

    @Test
    void clientsThatAnswerNoPingsAndSendEventsHoldUpNoOtherApplication() throws Exception {
        hold(0);
    }

    @Test
    void clientsOfWhomFewAnswerHoldUpNoOtherApplication() throws Exception {
        hold(3);
    }

    /** @param answering one of so many answers pings; 0 for none */
    private void hold(int answering) throws Exception {
        Path config = Files.writeString(folder.resolve("reverb.yaml"),
                "apps:\n  - app_id: \"y\"\n    key: y-key\n    secret: y-secret\n");
        try (RedisProcess redis = RedisProcess.server(); Crowd crowd = new Crowd()) {
            Map<String, String> settings = Map.of("REDIS_PORT", "" + redis.port(), "REVERB_CONFIG", config.toString());
            try (ServerNode a = ServerNode.start(folder, settings);
                    ServerNode b = ServerNode.start(folder, settings);
                    ApiConnection api = new ApiConnection(b.port(), "y", "y-key", "y-secret")) {
                a.awaitReached();
                b.awaitReached();
                List<Spectator> readers = new ArrayList<>();
                for (int i = 0; i < CHANNELS; i++) {
                    readers.add(new Spectator("news-" + i, false) {
                        @Override
                        protected String key() {
                            return "y-key";
                        }
                    });
                }
                List<Hostile> hostile = new ArrayList<>();
                for (int i = 0; i < HOSTILE; i++) {
                    hostile.add(new Hostile(answering > 0 && i % answering == 0));
                }
                readers.forEach(reader -> crowd.join(a.port(), reader));
                hostile.forEach(one -> crowd.join(a.port(), one));
                Await.until(SOON, () -> "not subscribed", () -> readers.stream().allMatch(Spectator::subscribed)
                        && hostile.stream().allMatch(Spectator::subscribed));
                publish(api, Duration.ofSeconds(3)); // until it is warm
                long calm = publish(api, Duration.ofSeconds(3)); // as fast as this machine is now
                crowd.later(0, () -> hostile.getFirst().talk(crowd));
                long p99 = publish(api, RUN);
                assertTrue(p99 < Math.max(300, 10 * calm),
                        () -> "another application is held up: " + p99 + " ms instead of " + calm + "; lags in "
                                + a.meters("reverb_scaling_lag.*") + b.meters("reverb_scaling_lag.*"));
                assertTrue(crowd.ask(() -> hostile.stream().mapToInt(Session::pings).sum()) > 0, "nobody was asked");
            }
        }
    }

    /** Publishes at a steady pace; the 99th percentile of the time to the answer, ms. */
    private static long publish(ApiConnection api, Duration length) {
        List<Long> times = new ArrayList<>();
        List<Integer> refused = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; System.nanoTime() - start < length.toNanos(); i++) {
            long due = start + i * PACE_NANOS; // who waits makes the next ones late, which counts
            while (due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            String event = "{\"name\":\"m\",\"channel\":\"news-" + i % CHANNELS + "\",\"data\":\"1\"}";
            int status = api.publish(event.getBytes(UTF_8));
            times.add((System.nanoTime() - due) / 1_000_000);
            if (status != 200) {
                refused.add(status);
            }
        }
        Collections.sort(times);
        assertEquals(List.of(), refused);
        return times.get(times.size() * 99 / 100);
    }
}
