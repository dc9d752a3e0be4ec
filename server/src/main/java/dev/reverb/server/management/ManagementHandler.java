package dev.reverb.server.management;

import dev.reverb.server.transport.http.head.HeadRules;
import dev.reverb.server.transport.http.head.HttpDate;
import dev.reverb.server.transport.http.head.RequestTarget;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the management port: a request at a time, each made on another thread, since a scrape may take a
 * while. Whatever the peer does, the connection ends {@value #SECONDS} s after its last complete request. Management
 * loop only.
 */
final class ManagementHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    /** What an answer is made of. */
    record Page(int status, String type, String body) {

        static Page text(int status, String body) {
            return new Page(status, "text/plain; charset=utf-8", body + "\n");
        }
    }

    /** Makes pages; runs on the executor. */
    @FunctionalInterface
    interface Pages {

        /**
         * @param query what stands behind the question mark; empty without one
         * @param accept the Accept header, empty without one
         */
        Page page(String path, String query, String accept);
    }

    /** How long a peer may take for a request, for reading its answer, and between two requests. */
    static final int SECONDS = 10;
    private static final String ALLOWED = "GET, HEAD";

    private final Pages pages;
    private final Executor executor;
    private @Nullable Future<?> deadline;

    ManagementHandler(Pages pages, Executor executor) {
        this.pages = pages;
        this.executor = executor;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        rearm(ctx);
        ctx.fireChannelActive();
    }

    private void rearm(ChannelHandlerContext ctx) {
        cancel();
        deadline = ctx.executor().schedule(() -> {
            var _ = ctx.close();
        }, SECONDS, TimeUnit.SECONDS);
    }

    private void cancel() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancel();
        ctx.fireChannelInactive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        rearm(ctx);
        boolean close = !HttpUtil.isKeepAlive(request);
        boolean head = request.method().equals(HttpMethod.HEAD);
        HeadRules.Refusal refused = request.decoderResult().isFailure()
                ? new HeadRules.Refusal(400, "This is not HTTP/1.1")
                : HeadRules.refusal(request);
        if (refused != null) {
            answer(ctx, Page.text(refused.status(), refused.reason()), true, head);
        } else if (!head && !request.method().equals(HttpMethod.GET)) {
            answer(ctx, Page.text(405, "allowed: " + ALLOWED), true, false);
        } else {
            RequestTarget target = RequestTarget.of(request.uri(), "");
            String path = target.path();
            String query = target.query();
            String accept = request.headers().get(HttpHeaderNames.ACCEPT, "");
            ctx.channel().config().setAutoRead(false); // what is pipelined waits
            try {
                executor.execute(() -> make(ctx, path, query, accept, close, head));
            } catch (RejectedExecutionException closing) {
                ctx.close();
            }
        }
    }

    private void make(ChannelHandlerContext ctx, String path, String query, String accept, boolean close,
            boolean head) {
        Page page;
        try {
            page = pages.page(path, query, accept);
        } catch (Throwable failed) {
            page = Page.text(500, "this page could not be made: " + failed);
        }
        answer(ctx, page, close, head);
    }

    private static void answer(ChannelHandlerContext ctx, Page page, boolean close, boolean head) {
        byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(page.status()), head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, page.type())
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.DATE, HttpDate.text())
                .set("X-Content-Type-Options", "nosniff");
        if (page.status() == HttpResponseStatus.METHOD_NOT_ALLOWED.code()) {
            response.headers().set(HttpHeaderNames.ALLOW, ALLOWED);
        }
        if (close) {
            response.headers().set(HttpHeaderNames.CONNECTION, "close");
            ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        } else {
            ctx.writeAndFlush(response).addListener(_ -> ctx.channel().config().setAutoRead(true));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // a peer that is gone, or sends what is no HTTP
    }
}
