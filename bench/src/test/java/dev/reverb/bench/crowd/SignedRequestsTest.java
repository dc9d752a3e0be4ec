package dev.reverb.bench.crowd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Credentials;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SignedRequestsTest {
    @Test
    void signsThePublishedExampleOfThePusherDocumentation() {
        String request = new String(
                SignedRequests.request(new Credentials("3", "278d425bdf160c739803", "7ad3773142a6692b25b8"),
                        "{\"name\":\"foo\",\"channels\":[\"project-3\"],\"data\":\"{\\\"some\\\":\\\"data\\\"}\"}",
                        1353088179),
                StandardCharsets.US_ASCII);
        assertTrue(request.startsWith("POST /apps/3/events?auth_key=278d425bdf160c739803&auth_timestamp=1353088179"
                + "&auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f"
                + "&auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c HTTP/1.1\r\n"),
                request);
    }

    @Test
    void everyChannelGetsTheSameNumberOfRequests() {
        SignedRequests requests = SignedRequests.sign(new Credentials("1", "k", "s"), 30, 100, 0);
        assertEquals(120, requests.count());
        assertEquals(29, requests.channel(119));
    }

    @Test
    void payloadsHaveTheirFixedSizeAndCarryTheirNumber() {
        assertEquals(Wire.PAYLOAD, Wire.payload(0).length());
        assertTrue(Wire.payload(0xbeef).startsWith("~0000beef"));
    }
}
