package dev.reverb.server.transport.websocket;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The opening handshake of RFC 6455, section 4.2. */
final class Handshake {

    private static final byte[] GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(StandardCharsets.US_ASCII);
    private static final ThreadLocal<MessageDigest> SHA1 = ThreadLocal.withInitial(() -> {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    });

    /** What a handshake has once (RFC 6455, 11.3; RFC 6454, 7.3), as of two each reader may take another one. */
    private static final List<String> ONCE = List.of("Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin");

    private Handshake() {}

    /** Whether {@code request} asks to become a WebSocket. */
    static boolean wanted(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
    }

    /** What is wrong with the handshake; null when nothing is. */
    static @Nullable String refuse(HttpRequest request) {
        HttpHeaders headers = request.headers();
        if (!request.method().name().equals("GET")) {
            return "a WebSocket handshake is a GET";
        }
        if (request.protocolVersion().minorVersion() < 1) {
            return "a WebSocket handshake needs HTTP/1.1";
        }
        if (!headers.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)) {
            return "the Connection header of a WebSocket handshake contains Upgrade";
        }
        for (CharSequence name : ONCE) {
            if (headers.getAll(name).size() > 1) {
                return "there is more than one " + name;
            }
        }
        if (!"13".equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return "Sec-WebSocket-Version must be 13";
        }
        String key = headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (key == null) {
            return "Sec-WebSocket-Key is missing";
        }
        return isKey(key.strip()) ? null : "Sec-WebSocket-Key must be 16 bytes in Base64";
    }

    /** Whether {@code key} is 16 bytes in Base64 with its padding, which Java's decoder can do without. */
    private static boolean isKey(String key) {
        try {
            return key.endsWith("==") && Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The answer that turns the connection into a WebSocket. */
    static byte[] answer(HttpRequest request) {
        MessageDigest sha1 = SHA1.get();
        String key = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "").strip();
        sha1.update(key.getBytes(StandardCharsets.US_ASCII));
        byte[] accept = Base64.getEncoder().encode(sha1.digest(GUID));
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                + "Upgrade\r\nX-Powered-By: Reverb\r\n" + "Sec-WebSocket-Accept: "
                + new String(accept, StandardCharsets.US_ASCII) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }
}
