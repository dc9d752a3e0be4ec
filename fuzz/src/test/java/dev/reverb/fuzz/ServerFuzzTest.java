package dev.reverb.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.reverb.testkit.HttpSocket;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Bytes on a socket of a running server, after a prefix that the first byte chooses: nothing, the head of a signed
 * request, or a finished WebSocket handshake. The server logs no unexpected error and answers the next client.
 */
class ServerFuzzTest {

    private static final List<String> PREFIXES = List.of("", "POST /apps/1/events?auth_key=key&auth_timestamp=1",
            "GET /app/key?protocol=7 HTTP/1.1\r\nHost: x\r\n", HttpSocket.upgrade("/app/key?protocol=7"));

    @FuzzTest
    void survivesAnyBytes(byte[] bytes) throws IOException {
        int prefix = bytes.length == 0 ? 0 : Math.floorMod(bytes[0], PREFIXES.size());
        try (Socket socket = RunningServer.connect()) {
            socket.getOutputStream().write(PREFIXES.get(prefix).getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(bytes, Math.min(1, bytes.length), Math.max(0, bytes.length - 1));
            socket.shutdownOutput();
            socket.getInputStream().read();
        } catch (IOException e) {
            // reset by the server, or no answer to half a request: both are an answer
        }
        try (Socket socket = RunningServer.connect()) {
            socket.getOutputStream()
                    .write("GET /up HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            try (InputStream in = socket.getInputStream()) {
                assertEquals("HTTP/1.1 200", new String(in.readNBytes(12), StandardCharsets.US_ASCII));
            }
        }
        assertEquals(List.of(), RunningServer.ERRORS);
    }
}
