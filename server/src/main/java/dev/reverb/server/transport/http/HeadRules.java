package dev.reverb.server.transport.http;

import dev.reverb.server.api.ApiReply;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What every head has to be, whatever it asks for (RFC 9112). Pure. */
final class HeadRules {

    private HeadRules() {}

    /**
     * Null for a head that may be served, otherwise 400, 414, 431 or 505 with the reason.
     *
     * @param limit bytes of the request line, and of the headers ({@code limits.max_header_size})
     */
    static @Nullable ApiReply refuse(HttpRequest request, int limit) {
        if (request.decoderResult().isFailure()) {
            return switch (request.decoderResult().cause()) {
                case TooLongHttpLineException _ ->
                    ApiReply.error(414, "The request line is longer than " + limit + " bytes (limits.max_header_size)");
                case TooLongHttpHeaderException _ -> ApiReply.error(431, "The headers are longer than " + limit
                        + " bytes (limits.max_header_size)" + " or more than " + BoundedHeaders.MOST_LINES + " lines");
                default -> ApiReply.error(400, "This is not HTTP/1.1");
            };
        }
        if (request.protocolVersion().majorVersion() != 1) { // RFC 9110, 15.6.6; the preface of HTTP/2 is one such
            return ApiReply.error(505, "HTTP/1.1 and HTTP/1.0 are spoken here, not " + request.protocolVersion());
        }
        if (request.protocolVersion().minorVersion() > 0 && !hasOneHost(request)) { // section 3.2
            return ApiReply.error(400, "A request in HTTP/1.1 has exactly one Host header");
        }
        return null;
    }

    private static boolean hasOneHost(HttpRequest request) {
        Iterator<? extends CharSequence> hosts = request.headers().valueCharSequenceIterator(HttpHeaderNames.HOST);
        if (!hosts.hasNext()) {
            return false;
        }
        hosts.next();
        return !hosts.hasNext();
    }
}
