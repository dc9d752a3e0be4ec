package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What a server costs does not grow with the number of its applications. */
@Isolated("it measures times")
@Tag("slow")
class ManyAppsTest {

    private static final int MANY = 5_000;
    /** Of one time to another that should be the same: a machine that is busy with something else takes this much. */
    private static final double SAME = 4;

    @TempDir
    Path folder;

    @Test
    void aRequestInManyChunksCostsTheSameAsWithOneApplication() throws Exception {
        double one = quickestRequest(1);
        double many = quickestRequest(MANY);

        assertTrue(many < one * SAME + 0.05, "with one application " + one + " s, with many " + many + " s");
    }

    @Test
    void manyApplicationsAreReadAndAChangeOfOneIsInForceWithinSeconds() throws Exception {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), yaml(MANY, "secret"));
        try (Settings warm = Settings.read(Map.of(), Optional.of(file), Overrides.none())) {
            assertEquals(MANY, warm.apps().all().size());
        }
        long before = System.nanoTime();
        try (Settings settings = Settings.load(Map.of(), Optional.of(file), Overrides.none())) {
            double read = (System.nanoTime() - before) / 1e9;
            assertTrue(read < 6, "reading took " + read + " s");

            long written = System.nanoTime();
            Files.writeString(file, yaml(MANY, "secret").replace("secret-4999", "changed"));
            Await.until("the change", () -> changed(settings, "app-4999", "changed"));
            double reload = (System.nanoTime() - written) / 1e9;
            assertTrue(reload < 9, "the change took " + reload + " s");

            written = System.nanoTime();
            Files.writeString(file, yaml(MANY, "other"));
            Await.until("all changes", () -> changed(settings, "app-0", "other-0"));
            double all = (System.nanoTime() - written) / 1e9;
            assertTrue(all < 12, "changing all took " + all + " s");
        }
    }

    /** Refused ones are left out one by one: what it costs is in proportion to their number. */
    @Test
    void asManyWrongApplicationsCostNoMore() throws IOException {
        Path file = Files.writeString(folder.resolve("reverb.yaml"),
                yaml(MANY, "secret").replaceAll("key: key-\\d+", "key: shared"));
        long before = System.nanoTime();
        try (Settings settings = Settings.load(Map.of(), Optional.of(file), Overrides.none())) {
            assertEquals(1, settings.apps().all().size());
            assertEquals(MANY - 1, settings.refused().size());
        }
        double seconds = (System.nanoTime() - before) / 1e9;
        assertTrue(seconds < 9, "refusing took " + seconds + " s");
    }

    private static boolean changed(Settings settings, String id, String secret) {
        var app = settings.apps().byId(id);
        return app != null && app.secrets().equals(List.of(secret));
    }

    /** Seconds for a signed request whose body comes in 100,000 chunks of one byte. */
    private double quickestRequest(int apps) throws Exception {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), yaml(apps, "secret"));
        Map<String, String> env = Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0",
                "REVERB_MANAGEMENT_PORT", "0", "REVERB_EVENT_LOOPS", "1");
        Credentials first = new Credentials("app-0", "key-0", "secret-0");
        double quickest = Double.MAX_VALUE;
        try (Settings settings = Settings.load(env, Optional.of(file), Overrides.none());
                ReverbServer server = ReverbServer.start(settings.server(), settings.apps())) {
            ApiClient api = new ApiClient(server.address(), first);
            String body = "{\"name\":\"e\",\"channel\":\"news\",\"data\":\"" + "x".repeat(9_000) + "\"}"
                    + " ".repeat(91_000);
            for (int i = 0; i < 6; i++) {
                byte[] request = api.request("POST", "/events").body(body).chunked(1).bytes();
                long before = System.nanoTime();
                assertEquals(200, api.sendRaw(request).status());
                quickest = Math.min(quickest, (System.nanoTime() - before) / 1e9);
            }
        }
        return quickest;
    }

    private static String yaml(int apps, String secret) {
        StringBuilder yaml = new StringBuilder("apps:\n");
        for (int i = 0; i < apps; i++) {
            yaml.append("  - {app_id: app-" + i + ", key: key-" + i + ", secret: " + secret + "-" + i
                    + ", allowed_origins: [\"*.example.com\", localhost], max_connections: 100, cache_ttl: 10m}\n");
        }
        return yaml.toString();
    }
}
