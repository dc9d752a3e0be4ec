package dev.reverb.server.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Servers, a Redis, and clients that are closed to come back elsewhere when a server joins. */
@Tag("slow")
final class RebalanceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<AutoCloseable> open = new ArrayList<>();
    private RedisProcess redis;

    @BeforeEach
    void startRedis() throws Exception {
        redis = track(RedisProcess.server());
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T track(T one) {
        open.add(one);
        return one;
    }

    /** One more server of a cluster; heartbeats follow each other in two thirds of a second. */
    private ReverbServer server(String cluster, Wanderers clients, String... settings) throws Exception {
        Map<String, String> env = new HashMap<>(Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0",
                "REVERB_MANAGEMENT_PORT", "0", "REVERB_SCALING_ENABLED", "true", "REVERB_SCALING_CHANNEL", cluster,
                "REVERB_SCALING_LEASE", "2s", "REDIS_PORT", "" + redis.port(), "REVERB_APP_ID", ServerNode.APP,
                "REVERB_APP_KEY", ServerNode.KEY, "REVERB_APP_SECRET", ServerNode.SECRET));
        env.put("REVERB_DRAIN_CLOSES_PER_SECOND", "20");
        for (String setting : settings) {
            env.put("REVERB_REBALANCE_" + setting.split("=")[0], setting.split("=")[1]);
        }
        Settings loaded = Settings.load(env, Optional.empty(), Overrides.none());
        track(loaded);
        ReverbServer server = track(ReverbServer.start(loaded.server(), loaded.apps()));
        clients.add(server);
        Await.until(PATIENCE, () -> "Redis not reached", () -> meter(server, "reverb_redis_connected") == 1);
        return server;
    }

    private static double meter(ReverbServer server, String name) {
        InetSocketAddress address = server.managementAddress();
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI page = URI.create("http://127.0.0.1:" + address.getPort() + "/metrics");
            return ServerNode.meter(
                    http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString()).body(), name);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static long moved(ReverbServer server) {
        return server.meters().rebalanceMoved().sum();
    }

    private static boolean active(ReverbServer server) {
        return server.meters().rebalancing().get() == 1;
    }

    @Test
    void clientsOfAFullServerMoveToOneThatJoinsAtThePace() throws Exception {
        int pace = 20;
        Wanderers clients = track(new Wanderers(_ -> ThreadLocalRandom.current().nextInt(2)));
        String[] settings = {"ENABLED=true", "CLOSES_PER_SECOND=" + pace};
        ReverbServer full = server("chat", clients, settings);
        clients.arrive(0, 200);
        ReverbServer joins = server("chat", clients, settings);
        Await.until(PATIENCE, () -> clients.at(0) + " and " + clients.at(1), () -> !active(full)
                && clients.connected() == 200 && clients.at(0) <= 125 && moved(full) == clients.closes().size());
        assertTrue(clients.at(0) >= 100, "never below the mean: " + clients.at(0));
        assertEquals(Map.of(4200, clients.closes().size()), clients.codes());
        assertEquals(clients.closes().size(), meter(full, "reverb_rebalance_moved_total"));
        assertEquals(0, meter(full, "reverb_rebalance_active"));
        assertEquals(0, moved(joins));
        assertPace(clients.closes(), pace);
    }

    /** No more than the pace in any time, seen by clients that may be two seconds late. */
    private static void assertPace(List<Long> closes, int pace) {
        for (int from = 0; from < closes.size(); from++) {
            for (int to = from; to < closes.size(); to++) {
                double seconds = (closes.get(to) - closes.get(from)) / 1e9;
                assertTrue(to - from + 1 <= pace * (seconds + 2),
                        to - from + 1 + " closes in " + seconds + " s at " + pace + " a second");
            }
        }
    }

    @Test
    void nobodyMovesWithinTheToleranceNorWhenItIsOff() throws Exception {
        List<Wanderers> clients = new ArrayList<>();
        List<ReverbServer> full = new ArrayList<>();
        // the last is tried at the same time as the others, to see that it was time enough
        String[][] settings = {{}, {"ENABLED=true", "TOLERANCE_PERCENT=150"}, {"ENABLED=true"}};
        for (int i = 0; i < settings.length; i++) {
            clients.add(track(new Wanderers(_ -> ThreadLocalRandom.current().nextInt(2))));
            full.add(server("chat" + i, clients.get(i), settings[i]));
            clients.get(i).arrive(0, 60);
        }
        for (int i = 0; i < settings.length; i++) {
            server("chat" + i, clients.get(i), settings[i]);
        }
        Await.until(PATIENCE, () -> "nobody moved", () -> moved(full.getLast()) >= 30 && !active(full.getLast()));
        for (int i = 0; i < 2; i++) {
            assertEquals(0, moved(full.get(i)), String.join(",", settings[i]));
            assertEquals(60, clients.get(i).at(0));
            assertEquals(Map.of(), clients.get(i).codes());
        }
    }

    @Test
    @Tag("long")
    void clientsThatAlwaysComeBackAreClosedInOneRoundOnly() throws Exception {
        Wanderers clients = track(new Wanderers(from -> from));
        String[] settings = {"ENABLED=true", "CLOSES_PER_SECOND=100"};
        ReverbServer full = server("chat", clients, settings);
        clients.arrive(0, 60);
        server("chat", clients, settings);
        Await.until(PATIENCE, () -> moved(full) + " closed", () -> moved(full) == 30 && !active(full));
        assertFalse(Await.holds(Duration.ofSeconds(4), () -> moved(full) > 30), "there was another round");
        Await.until(PATIENCE, () -> clients.at(0) + " are back", () -> clients.at(0) == 60);
        assertEquals(Map.of(4200, 30), clients.codes());
    }

    @Test
    @Tag("long")
    void nobodyMovesWhileRedisIsAwayNorFromAServerThatDrains() throws Exception {
        Wanderers clients = track(new Wanderers(_ -> 1));
        String[] settings = {"ENABLED=true", "CLOSES_PER_SECOND=5"};
        ReverbServer full = server("chat", clients, settings);
        clients.arrive(0, 100);
        server("chat", clients, settings);
        Await.until(PATIENCE, () -> "nobody moves", () -> moved(full) > 0);
        redis.kill();
        Await.until(PATIENCE, () -> "goes on", () -> !active(full));
        long before = moved(full);
        assertFalse(Await.holds(Duration.ofSeconds(2), () -> active(full) || moved(full) > before), "while away");

        redis.start();
        Await.until(PATIENCE, () -> "does not go on", () -> moved(full) > before);
        long last = moved(full);
        var drained = full.drain();
        drained.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertTrue(moved(full) <= last + 1, "one may have been on its way: " + (moved(full) - last) + " moved");
        assertFalse(active(full));
        Await.until(PATIENCE, () -> clients.at(1) + " moved", () -> clients.at(1) == 100);
        Await.until(PATIENCE, () -> "who drains is counted on: " + redis.command("HGETALL", "chat:{nodes}:connections"),
                () -> redis.command("HLEN", "chat:{nodes}:connections").startsWith(":1"));
        assertEquals(Map.of(4200, 100), clients.codes());
    }
}
