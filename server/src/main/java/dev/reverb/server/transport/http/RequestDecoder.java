package dev.reverb.server.transport.http;

import dev.reverb.server.transport.loop.TurnBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one request at a time, and no more in a turn of the loop than its {@link TurnBudget} has: while its handler
 * is busy with one, or its peer does not read the replies, what came behind it stays bytes, and after one read no more
 * are read. So a peer that pipelines holds one read buffer, not thousands of decoded requests. It notifies the handler
 * of bytes before they are a whole head: a peer that sends a head byte by byte would otherwise count as idle, and idle
 * is allowed for longer.
 */
public final class RequestDecoder extends HttpRequestDecoder {

    private final HttpHandler handler;
    private final TurnBudget turn;
    private @Nullable ChannelHandlerContext context;
    private boolean decoding;
    /** Whether the last request was decoded to its end. */
    private boolean between = true;
    /** Whether a request was decoded since the connection had its turn. */
    private boolean served;
    /** Whether it waits for a later turn of the loop. */
    private boolean waiting;

    /** Decodes for {@code handler}, which comes behind it in the pipeline. */
    public RequestDecoder(HttpDecoderConfig config, HttpHandler handler, TurnBudget turn) {
        super(config);
        this.turn = turn;
        this.handler = handler;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        handler.decodedBy(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (handler.ends()) {
            ReferenceCountUtil.release(message);
            return;
        }
        handler.receiving();
        decode(ctx, message);
    }

    private void decode(ChannelHandlerContext ctx, Object message) throws Exception {
        decoding = true;
        try {
            super.channelRead(ctx, message);
        } finally {
            decoding = false;
        }
        if (!ctx.isRemoved() && busy() && actualReadableBytes() > 0) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        if (busy()) {
            return;
        }
        if (between && served && !turn.further()) {
            waiting = true;
            turn.next(this::nextTurn);
            return;
        }
        super.decode(ctx, buffer, out);
        if (!out.isEmpty()) {
            between = out.getLast() instanceof LastHttpContent;
            served |= between;
        }
    }

    /** Netty takes the version in any case and with blanks around it; it has neither (RFC 9112, 2.3). */
    @Override
    protected HttpMessage createMessage(String[] line) throws Exception {
        if (!line[2].startsWith("HTTP/")) {
            throw new IllegalArgumentException("no version of HTTP");
        }
        return super.createMessage(line);
    }

    private boolean busy() {
        return waiting || handler.busy();
    }

    private void nextTurn() {
        waiting = false;
        served = false;
        resume();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        served = false;
        super.channelReadComplete(ctx);
    }

    /** The handler is no longer busy: decodes what waits, and reads on. Loop thread. */
    void resume() {
        ChannelHandlerContext ctx = context;
        if (decoding || waiting || ctx == null || ctx.isRemoved()) {
            return; // the loop that decodes goes on by itself
        }
        try {
            if (actualReadableBytes() > 0) {
                decode(ctx, Unpooled.EMPTY_BUFFER);
                ctx.fireChannelReadComplete();
            }
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
        if (!ctx.isRemoved() && !(busy() && actualReadableBytes() > 0) && !ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(true);
        }
    }
}
