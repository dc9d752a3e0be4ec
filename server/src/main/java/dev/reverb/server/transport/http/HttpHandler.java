package dev.reverb.server.transport.http;

import dev.reverb.server.api.Api;
import dev.reverb.server.api.ApiReply;
import dev.reverb.server.api.ApiRequest;
import dev.reverb.server.metrics.ServerMeters.Rejection;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.loop.NodeContext;
import dev.reverb.server.transport.loop.TimedHandler;
import dev.reverb.server.transport.loop.TimerWheel;
import dev.reverb.server.transport.loop.UnexpectedErrors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection: reads requests, one at a time, answers in order (pipelined requests wait), and gives way
 * to an {@link Upgrade} when one asks to become a WebSocket. Loop thread only.
 */
public final class HttpHandler extends TimedHandler {

    private static final byte[] NO_BODY = {};
    /** Bytes of a body that room is made for before they come. */
    private static final int FIRST_BODY = 16 * 1024;
    /** How long input is read and dropped behind a last answer. */
    private static final long LINGER_MILLIS = 1000;
    /** Messages of pipelined requests that may wait while an answer is made. */
    private static final int MAX_QUEUED = 256;

    private final NodeContext node;
    private final LoopContext loop;
    private final Api api;
    private final Upgrade upgrade;
    private @Nullable ChannelHandlerContext context;

    /** The request that is answered, for the debug stream. */
    private @Nullable HttpRequest served;
    private @Nullable HttpRequest head;
    private byte[] body = NO_BODY;
    private int bodyLength;
    private boolean responding;
    private boolean closing;
    private boolean reading;
    private boolean unflushed;
    private boolean idle;
    private boolean serving;
    private boolean upgrading;
    private @Nullable ArrayDeque<Object> queued;

    /** Serves one accepted socket of {@code loop}. */
    public HttpHandler(NodeContext node, LoopContext loop, Api api, Upgrade upgrade) {
        this.node = node;
        this.loop = loop;
        this.api = api;
        this.upgrade = upgrade;
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        loop.wheel().set(this, TimerWheel.ticks(node.config().limits().requestTimeout().toMillis()));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loop.wheel().cancel(this);
        releaseQueue();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        if (closing) {
            ReferenceCountUtil.release(message);
        } else if (responding || behind()) {
            queue(message);
        } else {
            read(message);
        }
    }

    /** Whether the peer sends requests and does not read the replies, or did until now: then no more are made. */
    private boolean behind() {
        return (queued != null && !queued.isEmpty()) || !context().channel().isWritable();
    }

    private void queue(Object message) {
        if (queued == null) {
            queued = new ArrayDeque<>();
        }
        queued.add(message);
        if (queued.size() >= MAX_QUEUED || !responding) {
            context().channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        serveQueued();
    }

    /** Serves what waits: in a loop, since an answer that is made at once would nest the next one within. */
    private void serveQueued() {
        if (serving) {
            return;
        }
        serving = true;
        try {
            while (queued != null && !queued.isEmpty() && !responding && !closing && context().channel().isWritable()) {
                read(queued.poll());
            }
        } finally {
            serving = false;
        }
        if (queued != null && queued.isEmpty() && !responding && !context().channel().config().isAutoRead()) {
            context().channel().config().setAutoRead(true);
        }
    }

    /** Bytes came, perhaps not yet a whole head: from here on the request's time runs, until its body is whole. */
    void receiving() {
        if (idle) {
            idle = false;
            loop.wheel().set(this, TimerWheel.ticks(node.config().limits().requestTimeout().toMillis()));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
        ctx.fireChannelReadComplete();
    }

    /** Whether it is being decided on an upgrade: what comes behind the request may be of another protocol. */
    boolean upgrading() {
        return upgrading;
    }

    private void read(Object message) {
        try {
            if (message instanceof HttpRequest request) {
                begin(request);
            }
            if (message instanceof HttpContent content && !closing) {
                append(content.content());
                if (message instanceof LastHttpContent last && !closing) {
                    if (last.decoderResult().isFailure()) {
                        broken("The body is not chunked as HTTP/1.1 defines it");
                    } else {
                        complete();
                    }
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            Throwable cause = request.decoderResult().cause();
            int limit = node.config().limits().maxHeaderSize();
            switch (cause) {
                case TooLongHttpLineException _ -> refuse(Rejection.TOO_LARGE, ApiReply.error(414,
                        "The request line is longer than " + limit + " bytes (limits.max_header_size)"));
                case TooLongHttpHeaderException _ -> refuse(Rejection.TOO_LARGE, ApiReply.error(431,
                        "The headers are longer than " + limit + " bytes (limits.max_header_size)"));
                default -> broken("This is not HTTP/1.1");
            }
            return;
        }
        if (request.protocolVersion().majorVersion() != 1) { // RFC 9110, 15.6.6; the preface of HTTP/2 is one such
            refuse(Rejection.BAD_REQUEST,
                    ApiReply.error(505, "HTTP/1.1 and HTTP/1.0 are spoken here, not " + request.protocolVersion()));
            return;
        }
        if (request.protocolVersion().minorVersion() > 0 && !hasOneHost(request)) { // RFC 9112 section 3.2
            broken("A request in HTTP/1.1 has exactly one Host header");
            return;
        }
        head = request;
        receiving();
        bodyLength = 0;
        long length = HttpUtil.getContentLength(request, 0L);
        if (length > api.maxRequestSize()) {
            refuse(Rejection.TOO_LARGE, api.tooLarge(length));
        } else if (HttpUtil.is100ContinueExpected(request)) {
            context().writeAndFlush(Unpooled.wrappedBuffer(HttpResponses.CONTINUE));
        }
    }

    private static boolean hasOneHost(HttpRequest request) {
        Iterator<? extends CharSequence> hosts = request.headers().valueCharSequenceIterator(HttpHeaderNames.HOST);
        if (!hosts.hasNext()) {
            return false;
        }
        hosts.next();
        return !hosts.hasNext();
    }

    private void append(ByteBuf content) {
        int length = content.readableBytes();
        if (length == 0) {
            return;
        }
        if (bodyLength + length > api.maxRequestSize()) {
            refuse(Rejection.TOO_LARGE, api.tooLarge(-1));
            return;
        }
        if (bodyLength + length > body.length) { // a length that is only announced takes no room
            long declared = head == null ? 0 : HttpUtil.getContentLength(head, 0L);
            int grown = Math.max((int) Math.min(declared, FIRST_BODY),
                    (int) Math.min(body.length * 2L, api.maxRequestSize()));
            body = Arrays.copyOf(body, Math.max(bodyLength + length, grown));
        }
        content.getBytes(content.readerIndex(), body, bodyLength, length);
        bodyLength += length;
    }

    private void broken(String reason) {
        refuse(Rejection.BAD_REQUEST, ApiReply.error(400, reason));
    }

    /** Answers and closes: what follows on this connection cannot be told apart from what was wrong. */
    private void refuse(Rejection reason, ApiReply reply) {
        node.meters().rejected(reason);
        closing = true;
        write(reply, true, false, false);
    }

    private void complete() {
        HttpRequest request = head;
        if (request == null) {
            return;
        }
        head = null;
        String uri = request.uri();
        if (!uri.startsWith("/")) {
            uri = originForm(uri);
        }
        int mark = uri.indexOf('?');
        String path = mark < 0 ? uri : uri.substring(0, mark);
        String query = mark < 0 ? "" : uri.substring(mark + 1);
        String prefix = node.config().path();
        boolean inside = prefix.isEmpty() || (path.startsWith(prefix) && path.startsWith("/", prefix.length()));
        String inner = inside ? path.substring(prefix.length()) : path;
        boolean app = inside && (inner.equals("/app") || inner.startsWith("/app/"));
        responding = true;
        AtomicBoolean once = new AtomicBoolean();
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        boolean old = request.protocolVersion().minorVersion() == 0;
        boolean headOnly = request.method().name().equals("HEAD");
        served = node.listeners().debugging() ? request : null;
        Consumer<ApiReply> reply = answer -> {
            if (!once.compareAndSet(false, true)) {
                return;
            }
            if (loop.eventLoop().inEventLoop()) {
                answer(answer, !keepAlive, keepAlive && old, headOnly);
            } else {
                var _ = loop.execute(() -> answer(answer, !keepAlive, keepAlive && old, headOnly));
            }
        };
        if (app && upgrade.wanted(request)) {
            loop.wheel().cancel(this);
            upgrading = true;
            upgrade.handle(context(), request, inner, query, reply);
        } else if (app) {
            reply.accept(request.method().name().equals("GET")
                    ? ApiReply.error(426, "This is where WebSockets connect; upgrade, or use the HTTP API below /apps")
                    : ApiReply.methodNotAllowed(request.method().name(), "GET"));
        } else if (!inside) {
            reply.accept(ApiReply.error(404, "There is nothing at " + path));
        } else {
            loop.wheel().cancel(this);
            api.handle(new ApiRequest(request.method().name(), inner, query, body, bodyLength, loop.signers(),
                    loop.meters()), reply);
        }
    }

    private static String originForm(String uri) {
        int scheme = uri.indexOf("://");
        int slash = scheme < 0 ? -1 : uri.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    private void answer(ApiReply reply, boolean close, boolean keepAlive, boolean headOnly) {
        upgrading = false;
        if (closing) {
            return;
        }
        boolean last = close || node.draining().get() != null;
        closing = last;
        write(reply, last, keepAlive, headOnly);
        if (last) {
            return;
        }
        responding = false;
        idle = true;
        loop.wheel().set(this, TimerWheel.ticks(node.config().limits().keepAliveTimeout().toMillis()));
        if (body.length > 64 * 1024) {
            body = NO_BODY; // a large body is rare; its array is not kept for the next request
        }
        serveQueued();
    }

    private void write(ApiReply reply, boolean last, boolean keepAlive, boolean headOnly) {
        node.meters().responded(reply.status());
        if (node.listeners().debugging()) {
            node.listeners().note(RequestNote.of(head == null ? served : head, reply));
        }
        ChannelHandlerContext ctx = context();
        ByteBuf bytes = HttpResponses.encode(ctx.alloc(), reply, last, keepAlive, headOnly);
        if (last) {
            releaseQueue();
            loop.wheel().set(this, TimerWheel.ticks(node.config().limits().requestTimeout().toMillis()));
            ctx.writeAndFlush(bytes).addListener(_ -> finish());
        } else if (reading) {
            unflushed = true;
            ctx.write(bytes, ctx.voidPromise());
        } else {
            ctx.writeAndFlush(bytes, ctx.voidPromise());
        }
    }

    /**
     * Ends the connection so that the answer arrives: closing a socket with unread input resets it, and the reset
     * overtakes
     * the answer. So only this side is closed at first, and what still comes is read and dropped for a while.
     */
    private void finish() {
        Channel channel = context().channel();
        if (channel instanceof DuplexChannel duplex && channel.pipeline().get(SslHandler.class) == null
                && channel.isActive()) {
            duplex.shutdownOutput();
            loop.wheel().set(this, TimerWheel.ticks(LINGER_MILLIS)); // then closed by onDue
        } else {
            channel.close();
        }
    }

    private void releaseQueue() {
        if (queued != null) {
            queued.forEach(ReferenceCountUtil::release);
            queued = null;
        }
    }

    @Override
    public void onDue() {
        if (head != null && !closing) {
            refuse(Rejection.TIMEOUT, ApiReply.error(408, "The request did not arrive within "
                    + node.config().limits().requestTimeout().toMillis() + " ms (limits.request_timeout)"));
        } else {
            context().close(); // nothing, or not even a whole head, came in time
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException) && !(cause instanceof DecoderException)) {
            UnexpectedErrors.log(cause);
        }
        ctx.close();
    }
}
