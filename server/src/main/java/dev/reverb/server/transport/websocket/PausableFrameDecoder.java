package dev.reverb.server.transport.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder of a client's frames (RFC 6455, 5) that stops while its handler can take none: what was read stays
 * one buffer of bytes, where decoded frames would each be several objects. Loop thread only.
 */
final class PausableFrameDecoder extends WebSocket13FrameDecoder {

    private @Nullable ChannelHandlerContext context;
    private boolean paused;

    /** Bytes of a control frame, which is no part of a message (RFC 6455, 5.5). */
    private static final int CONTROL = 125;

    /** @param maxMessageSize bytes of one data frame; the handler refuses those between this and {@link #CONTROL} */
    PausableFrameDecoder(int maxMessageSize) {
        super(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .allowExtensions(false)
                .maxFramePayloadLength(Math.max(CONTROL, maxMessageSize))
                .closeOnProtocolViolation(false)
                .withUTF8Validator(false)
                .build());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /** Decodes no further frame until {@link #resume}; the one that is being handled was the last. */
    void pause() {
        paused = true;
    }

    /** Whether it was paused and not resumed. */
    boolean paused() {
        return paused;
    }

    /** Whether bytes wait, of whole frames or of a part of one. */
    boolean holdsBytes() {
        return actualReadableBytes() > 0;
    }

    /** Goes on, and decodes what waits until it is paused again. Not from within the handling of a frame. */
    void resume() {
        paused = false;
        ChannelHandlerContext here = context;
        if (here == null || here.isRemoved()) {
            return;
        }
        try {
            channelRead(here, Unpooled.EMPTY_BUFFER);
        } catch (Exception broken) {
            here.fireExceptionCaught(broken);
        }
    }

    /**
     * Leaves the pipeline, for good: once a frame was broken Netty's decoder skips what still comes byte by byte, with
     * a call for each, while the handler behind it drops whole reads.
     */
    void leave() {
        ChannelHandlerContext here = context;
        if (here != null && !here.isRemoved()) {
            here.pipeline().remove(this);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        super.channelRead(ctx, message);
        if (paused && holdsBytes()) {
            ctx.channel().config().setAutoRead(false); // whoever resumes reads on
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (!paused) {
            super.decode(ctx, in, out);
        }
    }
}
