package dev.reverb.server.transport.http;

import dev.reverb.server.api.Admission;
import dev.reverb.server.api.Api;
import dev.reverb.server.api.Route;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.api.exchange.ApiRequest;
import dev.reverb.server.metrics.ServerMeters.Rejection;
import dev.reverb.server.transport.http.head.HeadRules;
import dev.reverb.server.transport.http.head.RequestTarget;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.loop.NodeContext;
import dev.reverb.server.transport.loop.TimedHandler;
import dev.reverb.server.transport.loop.UnexpectedErrors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection: reads requests, one at a time, answers in order (pipelined requests wait in the
 * {@link RequestDecoder}), and gives way to an {@link Upgrade} when one asks to become a WebSocket. What the head alone
 * decides is answered before the body is read, so that only who signed it can make this hold a body. Loop thread only.
 */
public final class HttpHandler extends TimedHandler {

    /** A body that is not wanted is read and dropped up to this many bytes; a longer one ends the connection. */
    private static final int DROPPED = 64 * 1024;

    private final NodeContext node;
    private final LoopContext loop;
    private final Api api;
    private final Served served;
    private final Upgrade upgrade;
    private final RequestBody body;
    private @Nullable ChannelHandlerContext context;
    private @Nullable RequestDecoder decoder;

    private @Nullable HttpRequest answered; // for the line about it
    private @Nullable HttpRequest head;
    private Admission.@Nullable Admitted admitted; // what the head asked of the API, while its body is awaited
    private @Nullable ApiReply decided; // the answer to a request without a body, by its head
    private @Nullable Consumer<ApiReply> pending; // answers what is being carried out
    private boolean upgrading;
    private boolean dropping;
    private boolean responding;
    private boolean stalled;
    private boolean closing;
    private boolean reading;
    private boolean unflushed;
    private boolean idle;
    /** Whether a request began in this read, so that its time-out is to be set if the read does not end it. */
    private boolean untimed;

    /** Serves {@code served}, to one connection of {@code loop}. */
    public HttpHandler(NodeContext node, LoopContext loop, Api api, Served served, Upgrade upgrade, BodyMemory memory) {
        this.node = node;
        this.loop = loop;
        this.api = api;
        this.served = served;
        this.upgrade = upgrade;
        body = new RequestBody(memory);
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    void decodedBy(RequestDecoder requests) {
        decoder = requests;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        endIn(node.config().limits().requestTimeout());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loop.wheel().cancel(this);
        body.clear();
    }

    /** Whether no further request is to be decoded now: one is being answered, or the replies are not read. */
    boolean busy() {
        return responding || stalled;
    }

    /** Whether this connection has had its last answer: what still comes is dropped. */
    boolean ends() {
        return closing;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        try {
            if (!closing) {
                read(message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (stalled && ctx.channel().isWritable()) {
            stalled = false;
            awaitNext();
        }
    }

    private void awaitNext() {
        if (!context().channel().isWritable()) { // it does not read the replies: no more are made
            stalled = true;
            endIn(node.config().limits().outboundAge());
            return;
        }
        idle = true;
        endIn(node.config().limits().keepAliveTimeout());
        if (decoder != null) {
            decoder.resume();
        }
    }

    /**
     * Bytes came, perhaps not yet a whole head: from here on the request's time runs, until its body is whole. Most
     * requests come and are answered in one read, and need no time-out: it is set when the read ends.
     */
    void receiving() {
        if (idle) {
            idle = false;
            untimed = true;
        }
    }

    private void endIn(Duration time) {
        untimed = false;
        loop.wheel().setAfter(this, time.toMillis());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (untimed) {
            endIn(node.config().limits().requestTimeout());
        }
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
        ctx.fireChannelReadComplete();
    }

    private void read(Object message) {
        if (message instanceof HttpRequest request) {
            begin(request);
        }
        if (message instanceof HttpContent content && !closing) {
            boolean last = message instanceof LastHttpContent;
            append(content.content(), last);
            if (last && !closing) {
                if (content.decoderResult().isFailure()) {
                    refuse(Rejection.BAD_REQUEST,
                            ApiReply.error(400, "The body is not chunked as HTTP/1.1 defines it"));
                } else {
                    complete();
                }
            }
        }
    }

    private void begin(HttpRequest request) {
        ApiReply malformed = HeadRules.refuse(request, node.config().limits().maxHeaderSize());
        if (malformed != null) {
            head = request.decoderResult().isFailure() ? null : request;
            refuse(HeadRules.tooLarge(malformed) ? Rejection.TOO_LARGE : Rejection.BAD_REQUEST, malformed);
            return;
        }
        head = request;
        receiving();
        long length = HttpUtil.getContentLength(request, 0L);
        boolean hasBody = length > 0 || HttpUtil.isTransferEncodingChunked(request);
        if (length > api.maxRequestSize()) {
            refuse(Rejection.TOO_LARGE, api.tooLarge(length));
            return;
        }
        ApiReply answer = decide(request, length, hasBody);
        if (answer == null) {
            if (HttpUtil.is100ContinueExpected(request)) {
                context().writeAndFlush(Unpooled.wrappedBuffer(HttpResponses.CONTINUE));
            }
        } else if (hasBody) {
            answerBeforeBody(request, length, answer);
        } else {
            decided = answer;
        }
    }

    /** The answer to a request that its head decides; null when it is carried out. */
    private @Nullable ApiReply decide(HttpRequest request, long length, boolean hasBody) {
        RequestTarget target = RequestTarget.of(request.uri(), node.config().path());
        ApiReply refused = served.refuse(target, request, upgrade.wanted(request), hasBody, node.config());
        if (refused != null || target.webSocket()) {
            return refused;
        }
        return switch (api.admit(request.method().name(), target.path(), target.query(), loop.signers())) {
            case Admission.Answered(ApiReply reply) -> reply;
            case Admission.Admitted signed -> {
                admitted = signed;
                yield length > 0 && signed.bodyMd5() == null ? api.unsignedBody() : null;
            }
        };
    }

    /** The body changes nothing: a short one is read and dropped, and a long one, or one that was not sent yet, not. */
    private void answerBeforeBody(HttpRequest request, long length, ApiReply answer) {
        boolean goesOn = HttpUtil.isKeepAlive(request) && !HttpUtil.is100ContinueExpected(request) && length > 0
                && length <= DROPPED && node.draining().get() == null;
        dropping = goesOn;
        closing = !goesOn;
        write(answer, closing, request.protocolVersion().minorVersion() == 0, false);
    }

    private void append(ByteBuf content, boolean last) {
        int length = content.readableBytes();
        if (length == 0 || dropping || admitted == null) {
            return;
        }
        if (admitted.bodyMd5() == null) {
            end(api.unsignedBody());
        } else if (body.length() + length > api.maxRequestSize()) {
            refuse(Rejection.TOO_LARGE, api.tooLarge(-1));
        } else if (last && body.length() == 0) {
            body.whole(loop.bytes(content), length);
        } else if (!body.append(content, head == null ? 0 : HttpUtil.getContentLength(head, 0L),
                api.maxRequestSize())) {
            refuse(Rejection.MEMORY, ApiReply.unavailable(
                    "The bodies of all requests take as much memory as they may (limits.request_memory)", 1));
        }
    }

    private void refuse(Rejection reason, ApiReply reply) {
        node.meters().rejected(reason);
        end(reply);
    }

    /** Answers and closes: what follows on this connection cannot be separated from what was wrong. */
    private void end(ApiReply reply) {
        closing = true;
        body.clear();
        write(reply, true, false, false);
    }

    private void complete() {
        HttpRequest request = head;
        head = null;
        if (dropping) {
            dropping = false;
            awaitNext();
            return;
        }
        if (request == null) {
            return;
        }
        responding = true;
        Consumer<ApiReply> reply = new FirstReply(this, loop, request);
        answered = node.notes().wanted() ? request : null;
        pending = reply;
        if (admitted != null && !api.stands(admitted)) { // the application was disabled, say, while the body came
            admitted = null;
            decided = decide(request, body.length(), body.length() > 0);
        }
        ApiReply known = decided;
        Admission.Admitted call = admitted;
        decided = null;
        admitted = null;
        if (known != null) {
            body.clear();
            reply.accept(known);
            return;
        }
        untimed = false;
        if (call != null && call.route() instanceof Route.Tail) {
            TailStream.begin(context(), node, loop, call, request, reply);
        } else if (call != null) {
            carryOut(call, HeadRules.idempotencyKey(request), reply);
            if (responding && !closing) { // from here on it is this server that takes its time, and it has a bound too
                endIn(node.config().limits().responseTimeout());
            }
        } else {
            endIn(node.config().limits().responseTimeout());
            RequestTarget target = RequestTarget.of(request.uri(), node.config().path());
            upgrading = true;
            upgrade.handle(context(), request, target.path(), target.query(), answer -> {
                upgrading = false;
                reply.accept(answer);
            });
        }
    }

    private void carryOut(Admission.Admitted call, @Nullable String key, Consumer<ApiReply> reply) {
        try {
            api.handle(call, new ApiRequest(body.bytes(), body.length(), key, loop.meters()), reply);
        } catch (Throwable e) {
            loop.meters().fault("a request to the API", e);
            reply.accept(ApiReply.error(500, "This server failed to carry the request out; its log says why"));
        } finally {
            body.clear();
        }
    }

    /** Writes the answer of the request that is served; loop thread. */
    void answer(ApiReply reply, boolean close, boolean keepAlive, boolean headOnly) {
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
        pending = null;
        awaitNext();
    }

    private void write(ApiReply reply, boolean last, boolean keepAlive, boolean headOnly) {
        node.meters().responded(reply.status());
        RequestNote.write(node, head == null ? answered : head, reply);
        ChannelHandlerContext ctx = context();
        ByteBuf bytes = HttpResponses.encode(ctx.alloc(), reply, last, keepAlive,
                headOnly || (head != null && head.method().equals(HttpMethod.HEAD)));
        if (last) {
            endIn(node.config().limits().requestTimeout());
            ctx.writeAndFlush(bytes).addListener(_ -> finish());
        } else if (reading) {
            unflushed = true;
            ctx.write(bytes, ctx.voidPromise());
        } else {
            ctx.writeAndFlush(bytes, ctx.voidPromise());
        }
    }

    private void finish() {
        if (LingeringClose.begin(context().channel())) {
            loop.wheel().setAfter(this, LingeringClose.MILLIS); // then closed by onDue
        }
    }

    @Override
    public void onDue() {
        Consumer<ApiReply> late = pending;
        if (responding && !closing && !upgrading && late != null) {
            node.meters().rejected(Rejection.TIMEOUT);
            late.accept(TimeOuts.ofAnswer(node.config().limits()));
        } else if (head != null && !closing && !dropping && !responding) {
            refuse(Rejection.TIMEOUT, TimeOuts.ofRequest(node.config().limits()));
        } else {
            node.meters().slowReaders().add(stalled ? 1 : 0);
            context().close(); // nothing, or not even a whole head, came in time, or the replies are not read
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
