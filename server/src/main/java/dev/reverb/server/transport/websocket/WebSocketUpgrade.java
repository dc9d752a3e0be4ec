package dev.reverb.server.transport.websocket;

import dev.reverb.model.App;
import dev.reverb.model.PercentEncoding;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.metrics.ServerMeters.Rejection;
import dev.reverb.server.protocol.Digits;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.session.OriginRule;
import dev.reverb.server.transport.http.AddressLimits;
import dev.reverb.server.transport.http.RequestDecoder;
import dev.reverb.server.transport.http.Upgrade;
import dev.reverb.server.transport.http.head.ForwardedFor;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.loop.NodeContext;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns an HTTP connection at {@code /app/{key}} into a {@link Connection}, or refuses it with a reason. What the
 * Pusher
 * protocol has a code for is answered as a WebSocket, since a browser cannot see the status of a refused handshake.
 */
public final class WebSocketUpgrade implements Upgrade {

    /** Protocol versions that are spoken, as by hosted Pusher; all mean the same messages here. */
    private static final int OLDEST = 4;
    private static final int NEWEST = 7;
    /** Less than the 15 s after which {@code pusher-js} gives an attempt up, and than the 10 s it calls unavailable. */
    private static final int HOLD_MILLIS = 9_000;

    private final NodeContext node;
    private final LoopConnections connections;
    private final LoopContext loop;
    private final ForwardedFor forwarded;
    private final HandshakeRefusals refusals;
    private final AddressLimits addresses;

    /** Upgrades on the loop of {@code connections}; {@code addresses} are those of the whole node. */
    public WebSocketUpgrade(NodeContext node, LoopConnections connections, AddressLimits addresses) {
        this.addresses = addresses;
        this.node = node;
        this.connections = connections;
        loop = connections.loop();
        forwarded = new ForwardedFor(node.config().trustedProxies());
        refusals = new HandshakeRefusals(node);
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
        ProtocolError draining = node.draining().get();
        if (draining != null && draining != ProtocolError.RETURN_LATER) {
            node.meters().rejected(Rejection.DRAINING);
            reply.accept(ApiReply.unavailable("This server is draining; connect again, to another one", 1));
            return;
        }
        if (addresses.any() && !admitted(ctx, request, reply)) {
            return;
        }
        byte[] handshake = Handshake.answer(request);
        String key = path.startsWith("/app/") ? PercentEncoding.decoded(path.substring(5)) : "";
        if (key.isEmpty() || key.indexOf('/') >= 0) {
            refuse(ctx, request, path, handshake, ProtocolError.PATH_NOT_FOUND, Rejection.BAD_REQUEST);
            return;
        }
        App app = node.apps().byKey(key);
        if (app == null) {
            refuse(ctx, request, path, handshake, unknown(key), Rejection.UNKNOWN_APP);
            return;
        }
        if (!app.enabled()) {
            refuse(ctx, request, path, handshake, ProtocolError.APPLICATION_DISABLED, Rejection.DISABLED_APP);
            return;
        }
        ProtocolError version = version(query);
        if (version != null) {
            refuse(ctx, request, path, handshake, version, Rejection.PROTOCOL);
            return;
        }
        if (!OriginRule.allows(app.allowedOrigins(), request.headers().get(HttpHeaderNames.ORIGIN))) {
            refuse(ctx, request, path, handshake, ProtocolError.ORIGIN_NOT_ALLOWED, Rejection.ORIGIN);
            return;
        }
        if (node.meters().served().get() >= node.maxConnections()) {
            refuse(ctx, request, path, handshake, ProtocolError.OVER_CAPACITY, Rejection.CAPACITY);
            return;
        }
        if (draining != null) {
            hold(ctx, handshake, draining);
            return;
        }
        ctx.channel().config().setAutoRead(false);
        String client = node.notes().wanted() ? forwarded.client(ctx.channel().remoteAddress(), request.headers()) : "";
        node.cluster().state().connect(app.id(), app.maxConnections().orElse(0), admitted -> {
            if (loop.eventLoop().inEventLoop()) {
                decided(ctx, handshake, app, client, admitted);
            } else {
                var _ = loop.execute(() -> decided(ctx, handshake, app, client, admitted));
            }
        });
    }

    /** Whether the client's address may have one more connection; otherwise it is answered. */
    private boolean admitted(ChannelHandlerContext ctx, HttpRequest request, Consumer<ApiReply> reply) {
        String client = forwarded.client(ctx.channel().remoteAddress(), request.headers());
        switch (addresses.admit(client)) {
            case ADMITTED -> {
                ctx.channel().closeFuture().addListener(_ -> addresses.released(client));
                return true;
            }
            case TOO_MANY -> reply.accept(ApiReply.tooMany(
                    "Your address has as many connections as it may have" + " (limits.max_connections_per_address)",
                    5));
            case TOO_FAST -> reply.accept(ApiReply.tooMany(
                    "Your address opens connections faster than it may" + " (limits.handshakes_per_second_per_address)",
                    1));
        }
        node.meters().rejected(Rejection.ADDRESS);
        return false;
    }

    /** Who comes while an application is gone for a moment comes back: another code would keep the client away. */
    private ProtocolError unknown(String key) {
        return node.apps().lately(key) ? ProtocolError.APPLICATION_AWAY : ProtocolError.APPLICATION_NOT_FOUND;
    }

    private static @Nullable ProtocolError version(String query) {
        for (String parameter : query.split("&")) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            if (PercentEncoding.decoded(name).equals("protocol")) {
                String value = equals < 0 ? "" : PercentEncoding.decoded(parameter.substring(equals + 1));
                if (value.isEmpty()) {
                    return ProtocolError.NO_PROTOCOL;
                }
                if (!Digits.only(value)) {
                    return ProtocolError.INVALID_VERSION;
                }
                try {
                    int version = Integer.parseInt(value);
                    return version < OLDEST || version > NEWEST ? ProtocolError.UNSUPPORTED_PROTOCOL : null;
                } catch (NumberFormatException e) { // more than an int holds
                    return ProtocolError.UNSUPPORTED_PROTOCOL;
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
            if (node.notes().wanted()) {
                node.notes().note(app.id(), "refused with 4004, over max_connections, from " + client);
            }
            refuse(ctx, handshake, ProtocolError.OVER_QUOTA, Rejection.QUOTA);
        } else {
            Connection connection = new Connection(node, connections, now, SocketId.random());
            ChannelHandlerContext decoder = become(ctx, connection, now.maxMessageSize());
            if (node.notes().wanted()) { // before what it is sent
                node.notes().note(app.id(), SocketId.format(connection.socketId()) + " connected from " + client);
            }
            connection.establish(handshake, now);
            leaveHttp(decoder);
            ProtocolError draining = node.draining().get();
            if (draining != null) { // it began while the cluster was asked; the drain has not counted this one
                connection.closeForRestart(draining);
            }
        }
        ctx.channel().config().setAutoRead(true);
    }

    private void refuse(ChannelHandlerContext ctx, HttpRequest request, String path, byte[] handshake,
            ProtocolError error, Rejection reason) {
        refusals.refused(path, request, forwarded.client(ctx.channel().remoteAddress(), request.headers()), error);
        refuse(ctx, handshake, error, reason);
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
     * Keeps a client that comes back to a server which is alone and ends: refused at once it would try again every
     * second, and in the second in which nothing listens it would be refused by the system, after which
     * {@code pusher-js} waits for 15 s. Held, it is closed with this process, or after {@value #HOLD_MILLIS} ms, and is
     * back a second after that.
     */
    private void hold(ChannelHandlerContext ctx, byte[] handshake, ProtocolError error) {
        node.meters().rejected(Rejection.DRAINING);
        RefusedConnection held = new RefusedConnection(loop);
        ChannelHandlerContext decoder = become(ctx, held, 1024);
        ctx.channel().writeAndFlush(Unpooled.wrappedBuffer(handshake));
        held.refuseLater(error);
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
        pipeline.addLast(new PausableFrameDecoder(maxMessageSize));
        pipeline.addLast(handler);
    }

    /** Removes the HTTP decoder last: what it has read beyond the handshake goes to the WebSocket's decoder. */
    private static void leaveHttp(ChannelHandlerContext decoder) {
        decoder.pipeline().remove(decoder.handler());
    }

    /** A WebSocket that gets the reason of its close, and nothing else. */
    private static final class RefusedConnection extends WebSocketHandler {
        private ProtocolError later = ProtocolError.RETURN_LATER;

        RefusedConnection(LoopContext context) {
            super(context, 1024);
        }

        void refuseLater(ProtocolError error) {
            later = error;
            timeout(HOLD_MILLIS);
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
        protected void onEnd(int code, String reason) {}

        @Override
        protected void onTimeout() {
            refuse(later);
        }
    }
}
