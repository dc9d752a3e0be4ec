package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.TlsConfig;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.tls.Authority;
import dev.reverb.server.tls.ReloadingTls;
import dev.reverb.server.tls.TrustAll;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.HttpSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who opens a TLS handshake and takes its time. */
class SlowHandshakeTest {

    /** The header of a record of 512 bytes and the beginning of a ClientHello in it (RFC 8446, 4.1.2 and 5.1). */
    private static final byte[] BEGINNING = {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
    /** What the TLS library itself would allow is 10 s. */
    private static final Duration BOUND = Duration.ofSeconds(9);

    @TempDir
    Path folder;

    @Test
    void handshakesAreComputedBesideTheEventLoops() throws Exception {
        try (ReloadingTls tls = tls();
                Settings settings = settings();
                ReverbServer server = start(settings, tls);
                HttpSocket client = HttpSocket.connect(server.address(), TrustAll.CONTEXT.getSocketFactory())) {
            assertEquals(200, client.write(HttpSocket.head("GET", "/up")).read().status());
            // it lives on for a while, for the next one
            assertTrue(
                    Thread.getAllStackTraces()
                            .keySet()
                            .stream()
                            .anyMatch(one -> one.getName().startsWith("reverb-tls")),
                    () -> Thread.getAllStackTraces().keySet().toString());
        }
    }

    private ReverbServer start(Settings settings, ReloadingTls tls) throws IOException {
        return ReverbServer.start(settings.server(), settings.apps(),
                new ReverbServer.Options(tls, List.of(), Integer.MAX_VALUE));
    }

    private static Settings settings() {
        return Settings.load(Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0",
                "REVERB_MANAGEMENT_PORT", "0", "REVERB_APP_ID", "a", "REVERB_APP_KEY", "a", "REVERB_APP_SECRET", "a",
                "REVERB_REQUEST_TIMEOUT", "1s"), Optional.empty(), Overrides.none());
    }

    private ReloadingTls tls() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("a", 1);
        return ReloadingTls.start(new TlsConfig(authority.certificate("a"), Optional.of(authority.key("a")),
                Optional.empty(), Optional.empty(), false));
    }

    @Test
    void aHandshakeThatArrivesByteByByteIsEndedInTheTimeOfARequest() throws Exception {
        try (ReloadingTls tls = tls();
                Settings settings = settings();
                ReverbServer server = start(settings, tls);
                HttpSocket slow = HttpSocket.connect(server.address())) {
            long begin = System.nanoTime();
            slow.write(BEGINNING);
            assertFalse(slow.endsWithin(Duration.ofMillis(200)), "it may take some time");
            Await.until("the end of the connection", () -> {
                slow.writeUnlessClosed(new byte[1]);
                return slow.endsWithin(Duration.ofMillis(50));
            });
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            assertTrue(took.compareTo(BOUND) < 0, took.toString());
        }
    }
}
