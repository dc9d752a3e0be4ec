package dev.reverb.server.transport.http.head;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForwardedForTest {

    private static String client(List<String> trusted, String peer, String... headers) {
        HttpHeaders all = new DefaultHttpHeaders();
        for (String header : headers) {
            all.add("X-Forwarded-For", header);
        }
        return new ForwardedFor(trusted).client(new InetSocketAddress(peer, 1), all);
    }

    @Test
    void theHeaderOfAStrangerCountsForNothing() {
        assertEquals("192.0.2.1", client(List.of("10.0.0.0/8"), "192.0.2.1", "198.51.100.7"));
        assertEquals("10.1.1.1", client(List.of(), "10.1.1.1", "198.51.100.7"));
    }

    @Test
    void proxiesAreFollowedFromTheRight() {
        assertEquals("198.51.100.7", client(List.of("10.0.0.0/8"), "10.1.1.1", "203.0.113.9, 198.51.100.7, 10.2.2.2"));
        assertEquals("198.51.100.7", client(List.of("10.0.0.0/8"), "10.1.1.1", "203.0.113.9", "198.51.100.7"));
        assertEquals("2001:db8:0:0:0:0:0:7", client(List.of("10.1.1.1"), "10.1.1.1", "2001:db8::7"));
    }

    @Test
    void whatIsNoAddressEndsTheWay() {
        assertEquals("10.2.2.2", client(List.of("10.0.0.0/8"), "10.1.1.1", "198.51.100.7, unknown, 10.2.2.2"));
        assertEquals("10.1.1.1", client(List.of("10.0.0.0/8"), "10.1.1.1"));
    }

    @Test
    void anAddressMayHaveAPort() {
        List<String> proxies = List.of("10.0.0.0/8");
        assertEquals("198.51.100.7", client(proxies, "10.1.1.1", "198.51.100.7:49152"));
        assertEquals("198.51.100.7", client(proxies, "10.1.1.1", "198.51.100.7:49152, 10.2.2.2:80"));
        assertEquals("2001:db8:0:0:0:0:0:7", client(proxies, "10.1.1.1", "[2001:db8::7]:49152"));
        assertEquals("2001:db8:0:0:0:0:0:7", client(proxies, "10.1.1.1", "[2001:db8::7]"));
        assertEquals("10.1.1.1", client(proxies, "10.1.1.1", "198.51.100.7:port"));
        assertEquals("10.1.1.1", client(proxies, "10.1.1.1", "[2001:db8::7"));
    }
}
