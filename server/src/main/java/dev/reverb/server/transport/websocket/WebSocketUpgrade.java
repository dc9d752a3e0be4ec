package dev.reverb.server.transport.websocket;

import dev.reverb.model.App;
import dev.reverb.server.api.ApiReply;
import dev.reverb.server.metrics.ServerMeters.Rejection;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.session.OriginRule;
import dev.reverb.server.transport.http.ForwardedFor;
import dev.reverb.server.transport.http.RequestDecoder;
import dev.reverb.server.transport.http.Upgrade;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.loop.NodeContext;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an HTTP connection at {@code /app/{key}} into a {@link Connection}, or tells the client why not. What the
 * Pusher
 * protocol has a code for is told as a WebSocket, since a browser cannot see the status of a refused handshake.
 */
public final class WebSocketUpgrade implements Upgrade {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.debug");
    /** Protocol versions that are spoken; clients send 5 to 7, and all mean the same messages here. */
    private static final int OLDEST = 1;
    private static final int NEWEST = 7;

    private final NodeContext node;
    private final LoopConnections connections;
    private final LoopContext loop;
    private final ForwardedFor forwarded;

    /** Upgrades on the loop of {@code connections}. */
    public WebSocketUpgrade(NodeContext node, LoopConnections connections) {
        this.node = node;
        this.connections = connections;
        loop = connections.loop();
        forwarded = new ForwardedFor(node.config().trustedProxies());
    }

    @Override
    public boolean wanted(HttpRequest request) {
        return Handshake.wanted(request);
    }

    @Override
    public void handle(ChannelHandlerContext ctx, HttpRequest request, String path, String query,
            Consumer<ApiReply> reply) {
        String wrong = Handshake.refuse(request);
        if (wrong != null) {
            node.meters().rejected(Rejection.BAD_REQUEST);
            reply.accept(ApiReply.badHandshake(wrong));
            return;
        }
        if (node.draining().get() != null) {
            node.meters().rejected(Rejection.DRAINING);
            reply.accept(ApiReply.unavailable("This server is draining; connect again, to another one", 1));
            return;
        }
        byte[] handshake = Handshake.answer(request);
        String key = path.startsWith("/app/") ? path.substring(5) : "";
        if (key.isEmpty() || key.indexOf('/') >= 0) {
            refuse(ctx, handshake, ProtocolError.PATH_NOT_FOUND, Rejection.BAD_REQUEST);
            return;
        }
        App app = node.apps().byKey(key);
        if (app == null) {
            refuse(ctx, handshake, unknown(key), Rejection.UNKNOWN_APP);
            return;
        }
        if (!app.enabled()) {
            refuse(ctx, handshake, ProtocolError.APPLICATION_DISABLED, Rejection.DISABLED_APP);
            return;
        }
        ProtocolError version = version(query);
        if (version != null) {
            refuse(ctx, handshake, version, Rejection.PROTOCOL);
            return;
        }
        if (!OriginRule.allows(app.allowedOrigins(), request.headers().get(HttpHeaderNames.ORIGIN))) {
            refuse(ctx, handshake, ProtocolError.ORIGIN_NOT_ALLOWED, Rejection.ORIGIN);
            return;
        }
        if (node.meters().sockets().get() > node.maxConnections()) {
            refuse(ctx, handshake, ProtocolError.OVER_CAPACITY, Rejection.CAPACITY);
            return;
        }
        ctx.channel().config().setAutoRead(false);
        String client = node.config().debug() ? forwarded.client(ctx.channel().remoteAddress(), request.headers()) : "";
        node.cluster().state().connect(app.id(), app.maxConnections().orElse(0), admitted -> {
            if (loop.eventLoop().inEventLoop()) {
                decided(ctx, handshake, app, client, admitted);
            } else {
                var _ = loop.execute(() -> decided(ctx, handshake, app, client, admitted));
            }
        });
    }

    /** Who comes while an application is gone for a moment comes back: another code would keep the client away. */
    private ProtocolError unknown(String key) {
        return node.apps().lately(key) ? ProtocolError.APPLICATION_AWAY : ProtocolError.APPLICATION_NOT_FOUND;
    }

    private static @Nullable ProtocolError version(String query) {
        for (String parameter : query.split("&")) {
            if (parameter.startsWith("protocol=")) {
                String value = parameter.substring(9);
                if (value.isEmpty()) {
                    return ProtocolError.NO_PROTOCOL;
                }
                try {
                    int version = Integer.parseInt(value);
                    return version < OLDEST || version > NEWEST ? ProtocolError.UNSUPPORTED_PROTOCOL : null;
                } catch (NumberFormatException e) {
                    return ProtocolError.INVALID_VERSION;
                }
            }
        }
        return null;
    }

    private void decided(ChannelHandlerContext ctx, byte[] handshake, App app, String client, boolean admitted) {
        if (!ctx.channel().isActive()) {
            if (admitted) {
                node.cluster().state().disconnect(app.id());
            }
            return;
        }
        // the cluster may have taken its time: the application is looked at again
        App now = node.apps().byKey(app.key());
        if (now == null || !now.id().equals(app.id()) || !now.enabled()) {
            if (admitted) {
                node.cluster().state().disconnect(app.id());
            }
            boolean disabled = now != null && !now.enabled();
            refuse(ctx, handshake,
                    disabled ? ProtocolError.APPLICATION_DISABLED
                            : now == null ? unknown(app.key()) : ProtocolError.APPLICATION_AWAY,
                    disabled ? Rejection.DISABLED_APP : Rejection.UNKNOWN_APP);
        } else if (!admitted) {
            refuse(ctx, handshake, ProtocolError.OVER_QUOTA, Rejection.QUOTA);
        } else {
            Connection connection = new Connection(node, connections, now, SocketId.random());
            ChannelHandlerContext decoder = become(ctx, connection, now.maxMessageSize());
            connection.establish(handshake, now);
            leaveHttp(decoder);
            ProtocolError draining = node.draining().get();
            if (draining != null) { // it began while the cluster was asked; the drain has not counted this one
                connection.closeForRestart(draining);
            }
            if (node.config().debug()) {
                LOG.info("{} {} connected from {}", app.id(), SocketId.format(connection.socketId()), client);
            }
        }
        ctx.channel().config().setAutoRead(true);
    }

    private void refuse(ChannelHandlerContext ctx, byte[] handshake, ProtocolError error, Rejection reason) {
        node.meters().rejected(reason);
        RefusedConnection refused = new RefusedConnection(loop);
        ChannelHandlerContext decoder = become(ctx, refused, 1024);
        ctx.channel().write(Unpooled.wrappedBuffer(handshake));
        refused.refuse(error);
        leaveHttp(decoder);
    }

    /**
     * Puts the WebSocket's handlers in the place of the HTTP handler; returns the context of the HTTP decoder, which
     * stays.
     */
    private static ChannelHandlerContext become(ChannelHandlerContext ctx, WebSocketHandler handler,
            int maxMessageSize) {
        ChannelPipeline pipeline = ctx.pipeline();
        ChannelHandlerContext decoder = pipeline.context(RequestDecoder.class);
        webSocket(pipeline, handler, maxMessageSize);
        pipeline.remove(ctx.handler());
        return decoder;
    }

    /** Appends what turns bytes into frames, and {@code handler}, which takes them. */
    static void webSocket(ChannelPipeline pipeline, WebSocketHandler handler, int maxMessageSize) {
        pipeline.addLast(new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .allowExtensions(false)
                .maxFramePayloadLength(maxMessageSize)
                .closeOnProtocolViolation(false)
                .withUTF8Validator(false)
                .build()));
        pipeline.addLast(handler);
    }

    /** Removes the HTTP decoder last: what it has read beyond the handshake goes to the WebSocket's decoder. */
    private static void leaveHttp(ChannelHandlerContext decoder) {
        decoder.pipeline().remove(decoder.handler());
    }

    /** A WebSocket that is told why it is closed, and nothing else. */
    private static final class RefusedConnection extends WebSocketHandler {

        RefusedConnection(LoopContext context) {
            super(context, 1024);
        }

        void refuse(ProtocolError error) {
            close(error.code(), error.text(), error.message());
        }

        @Override
        protected void onText(byte[] bytes, int length) {}

        @Override
        protected void onBinary(byte[] bytes, int length) {}

        @Override
        protected void onActivity(boolean control) {}

        @Override
        protected void onReplied() {}

        @Override
        protected void onEnd(int code) {}

        @Override
        protected void onTimeout() {}
    }
}
