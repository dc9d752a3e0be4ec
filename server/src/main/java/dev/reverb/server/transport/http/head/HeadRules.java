package dev.reverb.server.transport.http.head;

import dev.reverb.server.api.exchange.ApiReply;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What every head has to be, whatever it asks for (RFC 9112). Pure. */
public final class HeadRules {

    /**
     * Why a head is not served.
     *
     * @param status of the answer
     * @param reason a sentence for whoever sent it
     */
    public record Refusal(int status, String reason) {}

    private HeadRules() {}

    /**
     * Null for a head that may be served, otherwise 400, 414, 431, 501 or 505 with the reason.
     *
     * @param limit bytes of the request line, and of the headers ({@code limits.max_header_size})
     */
    public static @Nullable ApiReply refuse(HttpRequest request, int limit) {
        if (request.decoderResult().isFailure()) {
            return switch (request.decoderResult().cause()) {
                case TooLongHttpLineException _ ->
                    ApiReply.error(414, "The request line is longer than " + limit + " bytes (limits.max_header_size)");
                case TooLongHttpHeaderException _ -> ApiReply.error(431, "The headers are longer than " + limit
                        + " bytes (limits.max_header_size)" + " or more than " + BoundedHeaders.MOST_LINES + " lines");
                default -> ApiReply.error(400, "This is not HTTP/1.1");
            };
        }
        Refusal refusal = refusal(request);
        return refusal == null ? null : ApiReply.error(refusal.status(), refusal.reason());
    }

    /** Null for a head that could be decoded and may be served, otherwise 400, 501 or 505. */
    public static @Nullable Refusal refusal(HttpRequest request) {
        if (request.protocolVersion().majorVersion() != 1) { // RFC 9110, 15.6.6; the preface of HTTP/2 is one such
            return new Refusal(505, "HTTP/1.1 and HTTP/1.0 are spoken here, not " + request.protocolVersion());
        }
        if (request.protocolVersion().minorVersion() > 0 && !hasOneHost(request)) { // section 3.2
            return new Refusal(400, "A request in HTTP/1.1 has exactly one Host header, with a host");
        }
        String coding = request.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
        if (coding != null && !coding.strip().equalsIgnoreCase("chunked")) { // section 6.1; the decoder knows no other
            return new Refusal(501, "The only Transfer-Encoding that is understood here is chunked");
        }
        return null;
    }

    /** What {@code X-Idempotency-Key} says; of several all, as one list, which is no key (RFC 9110, 5.3). */
    public static @Nullable String idempotencyKey(HttpRequest request) {
        String first = request.headers().get("X-Idempotency-Key");
        return first == null ? null : String.join(", ", request.headers().getAll("X-Idempotency-Key"));
    }

    /** Whether {@code refusal} is of a head that is too long. */
    public static boolean tooLarge(ApiReply refusal) {
        return refusal.status() == 414 || refusal.status() == 431;
    }

    /** Whether {@code request} has exactly one Host header, whose value may be a host and a port (RFC 9112, 3.2). */
    private static boolean hasOneHost(HttpRequest request) {
        Iterator<? extends CharSequence> hosts = request.headers().valueCharSequenceIterator(HttpHeaderNames.HOST);
        return hosts.hasNext() && mayBeHost(hosts.next()) && !hosts.hasNext();
    }

    /** Whether nothing in {@code value} ends a host and a port; an empty one is a target without an authority. */
    private static boolean mayBeHost(CharSequence value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c == '/' || c == '?' || c == '#' || c == '@' || c == ',' || c == '\\') {
                return false;
            }
        }
        return true;
    }
}
