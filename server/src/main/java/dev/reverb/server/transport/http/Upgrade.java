package dev.reverb.server.transport.http;

import dev.reverb.server.api.exchange.ApiReply;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import java.util.function.Consumer;

/** Takes over an HTTP connection whose request asks for another protocol (RFC 9110, 7.8). Stateless; any loop. */
public interface Upgrade {

    /** Whether {@code request} asks for the protocol. */
    boolean wanted(HttpRequest request);

    /**
     * Puts handlers of its own in the place of the HTTP handler, now or later, or calls {@code reply} to refuse. Loop
     * thread.
     *
     * @param ctx of the HTTP handler, which leaves the pipeline with the {@link RequestDecoder}
     * @param path without the server's path prefix
     * @param query without the question mark
     * @param reply answers as HTTP; called at most once
     */
    void handle(ChannelHandlerContext ctx, HttpRequest request, String path, String query, Consumer<ApiReply> reply);
}
