package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with little memory, and clients who ask for a history of 1 MiB in 80 bytes, thousands of times at once. */
final class ResumeFloodTest {

    private static final Credentials SHOP = new Credentials("shop", "shop-key", "hunter2");
    private static final int MESSAGES = 100;
    private static final int BYTES = 10_000;
    private static final int ASKED = 800;
    private static final int CLIENTS = 2;

    @TempDir
    Path folder;

    @Test
    void historiesInMemoryThatAreAskedForAgainAndAgainDoNotFillIt() throws Exception {
        flood(null);
    }

    @Test
    void historiesInRedisThatAreAskedForAgainAndAgainFillNeitherMemory() throws Exception {
        try (RedisProcess redis = RedisProcess.server()) {
            flood(redis);
            String peak = redis.command("INFO", "memory")
                    .lines()
                    .filter(line -> line.startsWith("used_memory_peak:"))
                    .findFirst()
                    .orElseThrow();
            long bytes = Long.parseLong(peak.substring(peak.indexOf(':') + 1).strip());
            assertTrue(bytes < 96 << 20, "Redis took " + (bytes >> 20) + " MiB");
        }
    }

    private void flood(@Nullable RedisProcess redis) throws Exception {
        Files.writeString(folder.resolve("reverb.yaml"),
                "apps:\n  - {app_id: shop, key: shop-key, secret: hunter2, history: [\"orders*\"]}\n");
        Map<String, String> environment = new HashMap<>(
                Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0", "REVERB_MANAGEMENT_PORT", "0",
                        "REVERB_EVENT_LOOPS", "1", "REVERB_CONFIG", "reverb.yaml", "CP", Program.classPath()));
        if (redis != null) {
            environment.putAll(Map.of("REVERB_SCALING_ENABLED", "true", "REDIS_HOST", "127.0.0.1", "REDIS_PORT",
                    Integer.toString(redis.port())));
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try (Program server = Program.execute(folder, environment,
                List.of("bash", "-c", "exec " + java + " -Xmx128m -XX:MaxDirectMemorySize=64m -XX:+UseSerialGC"
                        + " -XX:TieredStopAtLevel=1 -cp \"$CP\" dev.reverb.server.cli.Main start"))) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            ApiClient api = new ApiClient(address, SHOP);
            for (int i = 0; i < MESSAGES; i++) {
                api.publish("e", "x".repeat(BYTES), "orders");
            }
            List<WireClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                WireClient client = connect(address).onlyCounting();
                clients.add(client);
                client.sendBytes(questions());
            }
            WireClient other = connect(address);
            clients.add(other);
            other.subscribe("orders.7");
            api.publish("e", "1", "orders.7");
            assertEquals("1", other.next("e").data());
            for (WireClient client : clients.subList(0, CLIENTS)) {
                client.sendBytes(questions());
            }
            WireClient late = connect(address);
            clients.add(late);
            late.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"orders\",\"resume\":"
                    + "{\"rewind\":{\"count\":3}}}}");
            late.next("pusher_internal:subscription_succeeded");
            String answer = late.next("pusher_internal:resumed").data();
            assertEquals(3, Json.parse(answer).path("count").asInt(), () -> answer + server.output());
            assertFalse(server.output().contains("OutOf"), server::output);
            clients.forEach(WireClient::reset);
        }
    }

    private static byte[] questions() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] one = Frame.text("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"orders\",\"resume\":"
                + "{\"rewind\":{\"count\":1000}}}}").encode();
        for (int i = 0; i < ASKED; i++) {
            all.write(one);
        }
        return all.toByteArray();
    }

    private static WireClient connect(InetSocketAddress address) {
        WireClient client = WireClient.open(address, SHOP, "/app/shop-key?protocol=7", 0);
        client.next("pusher:connection_established");
        return client;
    }
}
