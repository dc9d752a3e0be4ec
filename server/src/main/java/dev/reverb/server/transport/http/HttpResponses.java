package dev.reverb.server.transport.http;

import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.transport.http.head.HttpDate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** HTTP/1.1 answers as bytes (RFC 9112): small and of one form, so written without an encoder in the pipeline. */
final class HttpResponses {

    private static final byte[] OK = ascii("HTTP/1.1 200 OK");
    /** Replies repeat what was asked for: no browser may take one for a page or a script. */
    private static final byte[] TYPE = ascii(
            "\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\nDate: ");
    private static final byte[] LENGTH = ascii("\r\nContent-Length: ");
    private static final byte[] CLOSE = ascii("\r\nConnection: close");
    private static final byte[] KEEP_ALIVE = ascii("\r\nConnection: keep-alive");
    private static final byte[] END = ascii("\r\n\r\n");

    /** What a client that waits for it may send its body after. */
    static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");

    private HttpResponses() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Encodes {@code reply}.
     *
     * @param close whether the connection ends with it
     * @param keepAlive whether that it does not has to be said (HTTP/1.0)
     * @param head whether the body is left out, as the answer to HEAD
     */
    static ByteBuf encode(ByteBufAllocator allocator, ApiReply reply, boolean close, boolean keepAlive, boolean head) {
        byte[] body = reply.body();
        ByteBuf out = allocator.directBuffer(256 + body.length);
        if (reply.status() == 200) {
            out.writeBytes(OK);
        } else {
            out.writeBytes(ascii("HTTP/1.1 " + reply.status() + " " + reason(reply.status())
                    + (reply.allow() == null ? "" : "\r\nAllow: " + reply.allow())
                    + (reply.retryAfter() == 0 ? "" : "\r\nRetry-After: " + reply.retryAfter())
                    + (reply.status() == 426 ? "\r\nUpgrade: websocket\r\nConnection: Upgrade" : "")
                    + (reply.status() == 426 || reply.namesVersion() ? "\r\nSec-WebSocket-Version: 13" : "")));
        }
        out.writeBytes(TYPE).writeBytes(HttpDate.bytes()).writeBytes(LENGTH);
        decimal(out, body.length);
        if (close) {
            out.writeBytes(CLOSE);
        } else if (keepAlive) {
            out.writeBytes(KEEP_ALIVE);
        }
        out.writeBytes(END);
        if (!head) {
            out.writeBytes(body);
        }
        return out;
    }

    private static void decimal(ByteBuf out, int number) {
        if (number >= 10) {
            decimal(out, number / 10);
        }
        out.writeByte('0' + number % 10);
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 417 -> "Expectation Failed";
            case 422 -> "Unprocessable Content";
            case 426 -> "Upgrade Required";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            default -> "Status";
        };
    }
}
