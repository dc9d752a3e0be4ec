package dev.reverb.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whatever stands in a request's head: an answer of HTTP, or the end, and no unexpected error. */
class HeadFuzzTest {

    private static final int MOST = 64 * 1024;

    @FuzzTest
    void isAnsweredOrEnds(byte[] head) throws IOException {
        try (Socket socket = RunningServer.connect()) {
            socket.getOutputStream().write(head);
            socket.getOutputStream().write("\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            byte[] answer = socket.getInputStream().readNBytes(MOST);
            assertTrue(
                    answer.length == 0
                            || new String(answer, StandardCharsets.ISO_8859_1).matches("(?s)HTTP/1\\.1 [1-5]\\d\\d .*"),
                    () -> new String(answer, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // reset: what it had not read was dropped with the connection
        }
        assertEquals(List.of(), RunningServer.ERRORS);
    }
}
