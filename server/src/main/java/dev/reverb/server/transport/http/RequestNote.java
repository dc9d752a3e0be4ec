package dev.reverb.server.transport.http;

import dev.reverb.server.api.ApiReply;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A request and its answer as a line of the debug stream. Pure. */
final class RequestNote {
    private static final int FIRST_ERROR = 400;

    private RequestNote() {}

    /**
     * Method, path, status, and the reason of a refusal. The query is left out: it holds the signature.
     *
     * @param request null when it was not read to the end of its head
     */
    static String of(@Nullable HttpRequest request, ApiReply reply) {
        String line = request == null ? "a request that is not whole"
                : request.method().name() + " " + request.uri().replaceFirst("\\?.*", "");
        return line + " " + reply.status()
                + (reply.status() < FIRST_ERROR ? "" : " " + new String(reply.body(), StandardCharsets.UTF_8));
    }
}
