package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An application changes while a handshake waits for what all nodes say of its quota. */
@Timeout(60)
class AppDuringQuotaTest {

    private static final Credentials APP = new Credentials("shop", "shop-key", "secret");
    private static final String YAML = "apps: [{app_id: shop, key: shop-key, secret: secret, max_connections: 5%s}]";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"apps: []|4100",
            "apps: [{app_id: shop, key: shop-key, secret: secret, enabled: false}]|4003",
            "apps: [{app_id: shop, key: other-key, secret: secret}]|4100",
            "apps: [{app_id: other, key: shop-key, secret: secret}]|4100"})
    void theHandshakeFollowsWhatTheApplicationIsThen(String next, int code) throws Exception {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), YAML.formatted(""));
        try (RedisProcess redis = RedisProcess.server();
                Settings settings = Settings.load(Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0",
                        "REVERB_MANAGEMENT_PORT", "0", "REVERB_SCALING_ENABLED", "true", "REDIS_PORT",
                        "" + redis.port(), "REVERB_SCALING_LEASE", "60"), Optional.of(file), Overrides.none());
                ReverbServer server = ReverbServer.start(settings.server(), settings.apps())) {
            Await.until("a link", server::ready);
            connect(server).close();
            Await.until("its end", () -> server.meters().sockets().get() == 0);

            redis.pause();
            CompletableFuture<WireClient> waiting = CompletableFuture.supplyAsync(() -> open(server));
            Await.until("the handshake", () -> server.meters().sockets().get() > 0);
            Files.writeString(file, next);
            Await.until("the file in force", () -> settings.reloads().reloads() == 1);
            redis.resume();

            try (WireClient client = waiting.get()) {
                client.awaitClose(code);
            }
            Files.writeString(file, YAML.formatted(""));
            Await.until("the file in force", () -> settings.reloads().reloads() == 2);
            try (WireClient client = connect(server)) {
                client.subscribe("news");
                assertEquals("{\"connections\":1}", new ApiClient(server.address(), APP).get("/connections").body(),
                        "it gave its place back");
            }
        }
    }

    private static WireClient connect(ReverbServer server) {
        WireClient client = open(server);
        client.next("pusher:connection_established");
        return client;
    }

    private static WireClient open(ReverbServer server) {
        return WireClient.open(server.address(), APP, "/app/shop-key?protocol=7", 0);
    }
}
