package dev.reverb.server.transport.http;

import dev.reverb.model.App;
import dev.reverb.server.api.Admission;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.tail.AppTail;
import dev.reverb.server.tail.Tail;
import dev.reverb.server.transport.http.head.ForwardedFor;
import dev.reverb.server.transport.http.head.HttpDate;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.loop.NodeContext;
import dev.reverb.server.transport.loop.TimedHandler;
import dev.reverb.server.transport.loop.TimerWheel;
import dev.reverb.server.transport.loop.UnexpectedErrors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answer to {@code GET /apps/{id}/tail}: lines of text without an end, until the reader goes, or the secret that
 * it may have signed with is one no longer. It takes the place of the HTTP handler, and what it was sent beside the
 * request is dropped. A reader that does not keep up makes nobody wait: {@link Tail} has the bounds. Loop thread only.
 */
final class TailStream extends TimedHandler {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.tail");
    /** The body ends with the connection; a proxy must not collect it first. The date follows. */
    private static final String HEAD = """
        HTTP/1.1 200 OK\r
        Content-Type: text/plain; charset=utf-8\r
        X-Content-Type-Options: nosniff\r
        Cache-Control: no-store\r
        X-Accel-Buffering: no\r
        Connection: close\r
        Date:\s""";
    private static final int CHUNK = 8 * 1024;
    private static final long LOOK_MILLIS = 1_000;
    /** An empty line shows a reader, and proxies on the way, that the stream lives. */
    private static final int SILENCE_TICKS = TimerWheel.ticks(15_000);

    private final NodeContext node;
    private final LoopContext loop;
    private final ChannelHandlerContext http;
    private final AppTail of;
    private final Tail lines;
    private final App app;
    private int written;

    private TailStream(ChannelHandlerContext http, NodeContext node, LoopContext loop, App app,
            @Nullable String channel) {
        this.node = node;
        this.loop = loop;
        this.http = http;
        this.app = app;
        of = node.channels().of(app).tail();
        lines = new Tail(channel, () -> {
            var _ = loop.execute(this::drain);
        }, node.meters().tailLinesMissed());
    }

    /** Puts a stream in the place of the HTTP handler of {@code http}, or refuses by {@code reply}. */
    static void begin(ChannelHandlerContext http, NodeContext node, LoopContext loop, Admission.Admitted call,
            HttpRequest request, Consumer<ApiReply> reply) {
        App app = call.app();
        String channel = call.query().get("channel");
        TailStream stream = new TailStream(http, node, loop, app, channel);
        String full = node.notes().open(stream.of, stream.lines);
        if (full != null) {
            reply.accept(ApiReply.tooMany(full, 5));
            return;
        }
        node.meters().responded(200);
        LOG.info("Application {} is read along with from {}", app.id(), new ForwardedFor(node.config().trustedProxies())
                .client(http.channel().remoteAddress(), request.headers()));
        ChannelHandlerContext decoder = http.pipeline().context(RequestDecoder.class);
        http.pipeline().addLast(stream);
        http.pipeline().remove(http.handler());
        stream.write(HEAD + HttpDate.text() + "\r\n\r\n-- tail of application " + app.id() + " on this server, "
                + (channel == null ? "all channels" : "without what concerns other channels than " + channel)
                + "; times are UTC; < is a message from a client, > one to clients\n");
        decoder.pipeline().remove(decoder.handler());
        loop.wheel().setAfter(stream, LOOK_MILLIS);
        http.channel().closeFuture().addListener(_ -> {
            loop.wheel().cancel(stream);
            node.notes().close(stream.of, stream.lines);
        });
    }

    private void drain() {
        StringBuilder text = new StringBuilder();
        while (http.channel().isWritable()) {
            String line = lines.poll();
            if (line != null) {
                text.append(line).append('\n');
            }
            if (text.length() > 0 && (line == null || text.length() > CHUNK)) {
                write(text.toString());
                text.setLength(0);
            }
            if (line == null) {
                return;
            }
        }
    }

    private void write(String text) {
        ByteBuf bytes = http.alloc().directBuffer(ByteBufUtil.utf8MaxBytes(text.length()));
        ByteBufUtil.writeUtf8(bytes, text);
        var _ = http.channel().writeAndFlush(bytes, http.channel().voidPromise());
        written = loop.wheel().now();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            drain();
        }
    }

    @Override
    public void onDue() {
        drain(); // what was missed, though nothing came since
        App now = node.apps().byId(app.id());
        if (now == null || !now.enabled() || !now.secrets().containsAll(app.secrets())) {
            ByteBuf last = http.alloc().directBuffer();
            ByteBufUtil.writeUtf8(last, "-- the application was removed or disabled, or has another secret\n");
            http.channel().writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (loop.wheel().now() - written >= SILENCE_TICKS && http.channel().isWritable()) {
            write("\n");
        }
        loop.wheel().setAfter(this, LOOK_MILLIS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            UnexpectedErrors.log(cause);
        }
        ctx.close();
    }
}
