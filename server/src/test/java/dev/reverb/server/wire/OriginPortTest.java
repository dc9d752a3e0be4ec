package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code allowed_origins} that name a port, and hosts that are no names of the public DNS. */
@WireTest
class OriginPortTest {

    @ParameterizedTest
    @CsvSource({"localhost:3000,http://localhost:3000", "localhost:*,http://localhost:8123",
            "example.com:443,https://example.com", "example.com:80,http://example.com",
            "*.test:8080,http://a.test:8080", "[::1]:3000,http://[::1]:3000", "[::1],http://[::1]:99",
            "my_app.test,http://my_app.test", "my_app,http://my_app:3000", "localhost,http://localhost:3000",
            "LOCALHOST:3000,HTTP://LocalHost:3000"})
    void anOriginThatMatchesIsLetIn(String pattern, String origin, TestServer server) {
        server.app("allowed_origins: [\"" + pattern + "\"]");
        assertEquals("pusher:connection_established", server.open("/app/app-key", "Origin: " + origin).next().event());
    }

    @ParameterizedTest
    @CsvSource({"localhost:3000,http://localhost:3001", "localhost:3000,http://localhost",
            "example.com:443,http://example.com", "example.com:80,https://example.com",
            "localhost:3000,http://localhost:30000", "localhost:3000,http://localhost:3000@evil.com",
            "my_app.test,http://myxapp.test", "[::1]:3000,http://[::1]:3001", "localhost:*,http://evil:3000"})
    void anotherIsNot(String pattern, String origin, TestServer server) {
        server.app("allowed_origins: [\"" + pattern + "\"]");
        server.open("/app/app-key", "Origin: " + origin).next("pusher:error").assertError(4009);
    }
}
