package dev.reverb.server.cli.train;

import dev.reverb.server.protocol.Signer;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As little of HTTP and WebSocket as exercises a server. The JDK's client would do, but the cache that is trained holds
 * every class that was loaded, and all of the cache is resident in every server that starts with it.
 */
final class TrainingClient implements AutoCloseable {
    private static final Pattern SOCKET_ID = Pattern.compile("socket_id\\W+(\\d+\\.\\d+)");
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int TEXT = 0x81;
    private static final int CLOSE = 0x88;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;

    TrainingClient(InetSocketAddress server) throws IOException {
        socket.connect(server, TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Sends a request on this connection, which stays open; returns the whole answer. */
    String request(String method, String target, String body) throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        send(method + " " + target + " HTTP/1.1\r\nHost: training\r\nContent-Type: application/json\r\nContent-Length: "
                + content.length + "\r\n\r\n" + body);
        String head = head();
        Matcher length = LENGTH.matcher(head);
        String answer = length.find()
                ? new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.UTF_8)
                : "";
        if (!head.startsWith("HTTP/1.1 200")) {
            throw new IOException(method + " " + target + ": " + head + answer);
        }
        return answer;
    }

    /** Becomes a WebSocket that has subscribed to a public, a private and a presence channel. */
    void join(String key, String secret, String user) throws IOException {
        send("GET /app/" + key + "?protocol=7&client=training&version=1 HTTP/1.1\r\nHost: training\r\n"
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        head();
        Matcher id = SOCKET_ID.matcher(await("connection_established"));
        if (!id.find()) {
            throw new IOException("no socket id");
        }
        Signer signer = new Signer(secret);
        String member = "{\"user_id\":\"" + user + "\"}";
        message("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"room\"}}");
        message("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-room\",\"auth\":\"" + key + ":"
                + signer.sign(id.group(1) + ":private-room") + "\"}}");
        message("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-room\",\"auth\":\"" + key + ":"
                + signer.sign(id.group(1) + ":presence-room:" + member) + "\",\"channel_data\":\""
                + member.replace("\"", "\\\"") + "\"}}");
        await("presence-room");
        message("{\"event\":\"client-typing\",\"channel\":\"private-room\",\"data\":{\"n\":1}}");
        message("{\"event\":\"pusher:ping\",\"data\":{}}");
        await("pusher:pong");
    }

    /** Reads messages up to one that holds {@code text}. */
    String await(String text) throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            }
            String message = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            if (first == CLOSE) {
                throw new EOFException("closed: " + message);
            }
            if (message.contains(text)) {
                return message;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void message(String text) throws IOException {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        int head = payload.length < 126 ? 6 : 8;
        byte[] frame = new byte[head + payload.length];
        frame[0] = (byte) TEXT;
        if (head == 6) {
            frame[1] = (byte) (0x80 | payload.length);
        } else {
            frame[1] = (byte) (0x80 | 126);
            frame[2] = (byte) (payload.length >> 8);
            frame[3] = (byte) payload.length;
        }
        // a mask of zeros leaves the payload as it is
        System.arraycopy(payload, 0, frame, head, payload.length);
        out.write(frame);
    }

    private void send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }
}
