package dev.reverb.server.api.exchange;

import dev.reverb.server.protocol.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request.
 *
 * @param status HTTP status
 * @param body JSON; not to be modified
 * @param allow the methods that are allowed, with 405; null otherwise
 * @param retryAfter seconds, with 503; 0 otherwise
 * @param namesVersion whether the version of WebSocket that is spoken is named, to who asked for another one (RFC 6455,
 *     4.4)
 */
public record ApiReply(int status, byte[] body, @Nullable String allow, int retryAfter, boolean namesVersion) {

    /** 200 with an empty object. */
    public static final ApiReply EMPTY = new ApiReply(200, ascii("{}"), null, 0, false);

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** 200 with {@code body}. */
    public static ApiReply ok(byte[] body) {
        return new ApiReply(200, body, null, 0, false);
    }

    /** An error with its reason. */
    public static ApiReply error(int status, String reason) {
        return new ApiReply(status,
                new JsonWriter(reason.length() + 16).ascii("{\"error\":").string(reason).ascii("}").toBytes(), null, 0,
                false);
    }

    /** 405. */
    public static ApiReply methodNotAllowed(String method, String allow) {
        ApiReply error = error(405, "Method " + method + " is not allowed here; allowed: " + allow);
        return new ApiReply(405, error.body, allow, 0, false);
    }

    /** 422: what is not as it has to be, by field. */
    public static ApiReply invalid(Map<String, String> reasons) {
        JsonWriter body = new JsonWriter(64 + reasons.size() * 64).ascii("{");
        String separator = "";
        for (Map.Entry<String, String> reason : reasons.entrySet()) {
            body.ascii(separator).string(reason.getKey()).ascii(":[").string(reason.getValue()).ascii("]");
            separator = ",";
        }
        return new ApiReply(422, body.ascii("}").toBytes(), null, 0, false);
    }

    /** 400: a WebSocket handshake that is none. */
    public static ApiReply badHandshake(String reason) {
        return new ApiReply(400, error(400, "Bad WebSocket handshake: " + reason).body, null, 0, true);
    }

    /** 429: too many, come back. */
    public static ApiReply tooMany(String reason, int retryAfter) {
        return new ApiReply(429, error(429, reason).body, null, retryAfter, false);
    }

    /** 503: come back. */
    public static ApiReply unavailable(String reason, int retryAfter) {
        return new ApiReply(503, error(503, reason).body, null, retryAfter, false);
    }

    @Override
    public String toString() {
        return status + " " + new String(body, StandardCharsets.UTF_8);
    }
}
