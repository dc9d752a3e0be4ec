package dev.reverb.server.transport.http;

import dev.reverb.model.App;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.api.exchange.Attributes;
import dev.reverb.server.api.exchange.Query;
import dev.reverb.server.transport.http.head.RequestTarget;
import dev.reverb.server.transport.loop.NodeContext;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A request and its answer as a line, for whoever reads it. */
final class RequestNote {
    private static final int FIRST_ERROR = 400;

    private RequestNote() {}

    /**
     * Method, path, status, and the reason of a refusal. The query is left out: it holds the signature.
     *
     * @param request null when it was not read to the end of its head
     */
    static void write(NodeContext node, @Nullable HttpRequest request, ApiReply reply) {
        if (!node.notes().wanted()) {
            return;
        }
        String line = request == null ? "a request that is not whole"
                : request.method().name() + " " + request.uri().replaceFirst("\\?.*", "");
        node.notes()
                .asked(request == null ? null : app(node, request),
                        line + " " + reply.status() + (reply.status() < FIRST_ERROR ? leftOut(request)
                                : " " + new String(reply.body(), StandardCharsets.UTF_8)));
    }

    /** That {@code info} in the query asks for what there is not. */
    private static String leftOut(@Nullable HttpRequest request) {
        if (request == null) {
            return "";
        }
        int mark = request.uri().indexOf('?');
        String info = mark < 0 ? null : Query.parse(request.uri().substring(mark + 1)).get("info");
        return info == null ? "" : Attributes.parse(info).leftOut();
    }

    /** The id of the application that {@code request} is about, or null. */
    private static @Nullable String app(NodeContext node, HttpRequest request) {
        String[] segments = RequestTarget.of(request.uri(), node.config().path()).path().split("/", 4);
        if (segments.length < 3) {
            return null;
        }
        App app = switch (segments[1]) {
            case "apps" -> node.apps().byId(segments[2]);
            case "app" -> node.apps().byKey(segments[2]);
            default -> null;
        };
        return app == null ? null : app.id();
    }
}
