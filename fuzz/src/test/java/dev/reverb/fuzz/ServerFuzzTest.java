package dev.reverb.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.Overrides;
import dev.reverb.server.config.Settings;
import dev.reverb.testkit.HttpSocket;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Bytes on a socket of a running server, after a prefix that the first byte chooses: nothing, the head of a signed
 * request, or a finished WebSocket handshake. The server logs no unexpected error and answers the next client.
 */
class ServerFuzzTest {

    private static final List<String> PREFIXES = List.of("", "POST /apps/1/events?auth_key=key&auth_timestamp=1",
            "GET /app/key?protocol=7 HTTP/1.1\r\nHost: x\r\n", HttpSocket.upgrade("/app/key?protocol=7"));

    private static final List<String> ERRORS = new CopyOnWriteArrayList<>();
    private static final InetSocketAddress SERVER = start();

    private static InetSocketAddress start() {
        Logger.getLogger("").addHandler(new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
                    ERRORS.add(entry.getMessage() + " " + entry.getThrown());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        Settings settings = Settings.read(
                Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0", "REVERB_MANAGEMENT_PORT", "0",
                        "REVERB_APP_ID", "1", "REVERB_APP_KEY", "key", "REVERB_APP_SECRET", "secret"),
                Optional.empty(), Overrides.none());
        try {
            return ReverbServer.start(settings.server(), settings.apps()).address();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @FuzzTest
    void survivesAnyBytes(byte[] bytes) throws IOException {
        int prefix = bytes.length == 0 ? 0 : Math.floorMod(bytes[0], PREFIXES.size());
        try (Socket socket = connect()) {
            socket.getOutputStream().write(PREFIXES.get(prefix).getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(bytes, Math.min(1, bytes.length), Math.max(0, bytes.length - 1));
            socket.shutdownOutput();
            socket.getInputStream().read();
        } catch (IOException e) {
            // reset by the server, or no answer to half a request: both are an answer
        }
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("GET /up HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            try (InputStream in = socket.getInputStream()) {
                assertEquals("HTTP/1.1 200", new String(in.readNBytes(12), StandardCharsets.US_ASCII));
            }
        }
        assertEquals(List.of(), ERRORS);
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(5_000);
        socket.setSoLinger(true, 0);
        socket.connect(SERVER, 5_000);
        return socket;
    }
}
