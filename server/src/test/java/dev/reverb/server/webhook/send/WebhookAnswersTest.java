package dev.reverb.server.webhook.send;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.App;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts as an answer, and what is said of everything else that may come from where a webhook is sent to. */
@Timeout(120)
final class WebhookAnswersTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private final Queue<Socket> accepted = new ConcurrentLinkedQueue<>();

    @TempDir
    Path folder;

    /** Bytes of a receiver, whether it closes then, and what comes of it. */
    static Stream<Arguments> answers() {
        return Stream.of(Arguments.of(OK, false, "200"),
                Arguments.of("HTTP/1.1 100 Continue\r\n\r\n" + OK, false, "200"),
                Arguments.of("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", false,
                        "204"),
                Arguments.of("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                        false, "202"),
                Arguments.of("HTTP/1.0 200 OK\r\n\r\nthanks", true, "200"),
                Arguments.of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthanks", true, "200"),
                Arguments.of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n", true, "200"),
                Arguments.of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", false,
                        "it answered 200, and its answer did not end within 2000 ms"),
                Arguments.of("HTTP/1.1 304 Not Modified\r\n\r\n", false, "304"),
                Arguments.of("HTTP/1.1 302 Found\r\nLocation: /hook\r\nContent-Length: 0\r\n\r\n", false, "302"),
                Arguments.of("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", false, "500"),
                Arguments.of("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", false,
                        "it answered 101, which is no answer to a POST"),
                Arguments.of("HTTP/1.1 200 OK\r\nSet-Cookie: " + "x".repeat(20_000) + "\r\n\r\n", true, "200"),
                Arguments.of("HTTP/1.1 200 OK\r\nSet-Cookie: " + "x".repeat(70_000) + "\r\n\r\n", true,
                        "the head of its answer is longer than 65536 bytes"),
                Arguments.of("SSH-2.0-OpenSSH_9.2\r\n", false, "the answer is no HTTP"),
                Arguments.of("220 mail.example.com ESMTP\r\n", false, "the answer is no HTTP"),
                Arguments.of("-ERR unknown command 'POST'\r\n", false, "the answer is no HTTP"),
                Arguments.of("\u0015\u0003\u0001\u0000\u0002\u0002\u0016", true,
                        "the answer is TLS, and the address says http:"),
                Arguments.of("\u0000\u0000\u0012\u0004\u0000\u0000\u0000\u0000\u0000", false, "the answer is no HTTP"),
                Arguments.of("", true, "the connection was closed without an answer"),
                Arguments.of("", false, "no answer within 2000 ms"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void anAnswerIsWhatIsSaidOfIt(String bytes, boolean closes, String expected) throws Exception {
        assertEquals(expected, said("http", bytes.getBytes(ISO_8859_1), closes));
    }

    @Test
    void aReceiverWithoutTlsAtAnHttpsAddressIsSaid() throws Exception {
        assertEquals("TLS: the answer is no TLS, and the address says https:",
                said("https", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1), true));
    }

    private String said(String scheme, byte[] answer, boolean closes) throws Exception {
        try (ServerSocket receiver = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> serve(receiver, answer, closes));
            String url = scheme + "://127.0.0.1:" + receiver.getLocalPort() + "/hook";
            Path file = Files.writeString(folder.resolve("reverb.yaml"), """
                webhooks: {allow_private: true, timeout: 2s}
                apps: [{app_id: shop, key: shop-key, secret: shop-secret, webhooks: ["%s"]}]
                """.formatted(url));
            Settings settings = Settings.read(Map.of(), Optional.of(file), Overrides.none());
            App app = settings.apps().all().iterator().next();
            try (WebhookTrial trial = new WebhookTrial(settings.server().webhooks())) {
                WebhookAnswer said = trial.send(app, app.webhooks().getFirst()).get().answer();
                assertTrue(said.delivered() == said.toString().startsWith("20"), said.toString());
                return said.toString();
            }
        }
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : accepted) {
            socket.close();
        }
    }

    /** Answers the first request on each connection when its head is there. */
    private void serve(ServerSocket receiver, byte[] answer, boolean closes) {
        while (!receiver.isClosed()) {
            try {
                Socket socket = receiver.accept();
                accepted.add(socket);
                InputStream in = socket.getInputStream();
                in.read(new byte[64 * 1024]);
                OutputStream out = socket.getOutputStream();
                out.write(answer);
                out.flush();
                if (closes) {
                    socket.shutdownOutput();
                }
            } catch (IOException e) {
                // the test is over
            }
        }
    }
}
