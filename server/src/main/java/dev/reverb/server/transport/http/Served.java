package dev.reverb.server.transport.http;

import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerConfig.ApiConfig;
import dev.reverb.server.transport.http.head.RequestTarget;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** What one listening socket serves. {@code /up} is served by every one. */
public enum Served {
    /** WebSockets and the HTTP API. */
    EVERYTHING,
    /** WebSockets, where the HTTP API has a port of its own. */
    CLIENTS,
    /** The HTTP API. */
    API;

    /**
     * The answer to a request that is neither a WebSocket's nor the API's at this socket; null for what is carried out.
     *
     * @param upgrade whether it asks to become a WebSocket
     * @param hasBody whether a body follows
     */
    @Nullable
    ApiReply refuse(RequestTarget target, HttpRequest request, boolean upgrade, boolean hasBody, ServerConfig config) {
        if (!target.inside()) {
            return ApiReply.error(404, "There is nothing at " + target.path());
        } else if (this == CLIENTS && target.api()) {
            return ApiReply.error(404, "This port serves WebSockets only; the HTTP API, /apps, is on "
                    + port(config.api().map(ApiConfig::port).orElse(0), "server.api_port, REVERB_API_PORT"));
        } else if (!target.webSocket()) {
            return null;
        } else if (this == API) {
            return ApiReply.error(404, "This port serves the HTTP API only; WebSockets, /app, connect to "
                    + port(config.port(), "server.port, REVERB_SERVER_PORT"));
        } else if (upgrade) {
            return hasBody ? ApiReply.error(400, "Bad WebSocket handshake: it has a body") : null;
        }
        return request.method().name().equals("GET")
                ? ApiReply.error(426, "This is where WebSockets connect; upgrade, or use the HTTP API below /apps")
                : ApiReply.methodNotAllowed(request.method().name(), "GET");
    }

    private static String port(int port, String names) {
        return (port == 0 ? "a port of its own" : "port " + port) + " of this server (" + names + ")";
    }
}
