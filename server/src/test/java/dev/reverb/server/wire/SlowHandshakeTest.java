package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.tls.Authority;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who opens a TLS handshake and takes its time. */
@WireTest
class SlowHandshakeTest {

    /** The header of a record of 512 bytes and the beginning of a ClientHello in it (RFC 8446, 4.1.2 and 5.1). */
    private static final byte[] BEGINNING = {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
    /** What the TLS library itself would allow is 10 s. */
    private static final Duration BOUND = Duration.ofSeconds(9);

    @TempDir
    Path folder;

    @Test
    void aHandshakeThatArrivesByteByByteIsEndedInTheTimeOfARequest(TestServer server) throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("a", 1);
        server.env("REVERB_TLS_CERT", authority.certificate("a").toString()).env("REVERB_TLS_KEY",
                authority.key("a").toString()).env("REVERB_REQUEST_TIMEOUT", "500ms");
        HttpSocket slow = server.socket().write(BEGINNING);
        assertFalse(slow.endsWithin(Duration.ofMillis(100)), "it may take some time");
        long begin = System.nanoTime();
        Await.until("the end of the connection", () -> {
            slow.writeUnlessClosed(new byte[1]);
            return slow.endsWithin(Duration.ofMillis(50));
        });
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertTrue(took.compareTo(BOUND) < 0, took.toString());
    }
}
