package dev.reverb.server.transport.websocket;

import dev.reverb.server.channel.Frames;
import dev.reverb.server.protocol.Utf8;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.loop.TimedHandler;
import dev.reverb.server.transport.loop.UnexpectedErrors;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of one WebSocket (RFC 6455) behind Netty's frame decoder: joins fragments, answers pings, checks
 * UTF-8
 * (8.1), and closes with the closing handshake (7): after its own close frame it reads on, until the peer's close
 * frame or
 * {@value #CLOSE_MILLIS} ms, so that no reset destroys the frame on its way. Loop thread only.
 */
public abstract class WebSocketHandler extends TimedHandler {

    /** Bytes of a pong that may answer a probe; it does not show that the client uses control frames. */
    private static final int PROBE_ANSWER = Integer.BYTES;
    /** How long a peer may take to answer a close frame. */
    private static final long CLOSE_MILLIS = 2000;
    /** RFC 6455, 7.4.1. */
    private static final int PROTOCOL_ERROR = 1002;
    private static final int INVALID_PAYLOAD = 1007;
    private static final int TOO_BIG = 1009;
    private static final int INTERNAL_ERROR = 1011;
    /** RFC 6455, 7.4.2. */
    private static final int FIRST_CODE_OF_CLIENTS = 3000;
    private static final int LAST_CODE = 4999;

    private final LoopContext context;
    private final int maxMessageSize;
    private @Nullable ByteBuf fragments;
    private boolean fragmentsAreText;
    private boolean closing;
    private boolean ended;
    private @Nullable ChannelHandlerContext channel;
    private @Nullable PausableFrameDecoder decoder;

    /** @param maxMessageSize bytes of one message, over all its fragments */
    protected WebSocketHandler(LoopContext context, int maxMessageSize) {
        this.context = context;
        this.maxMessageSize = maxMessageSize;
    }

    /** A whole text message, valid UTF-8, in {@code bytes[0, length)}; the array is reused afterwards. */
    protected abstract void onText(byte[] bytes, int length);

    /** A whole binary message. */
    protected abstract void onBinary(byte[] bytes, int length);

    /**
     * A frame of any kind came.
     *
     * @param control whether it is one that a client sends by itself to keep the connection, a ping or a pong, which
     *     has no
     *     payload, as that would answer a {@linkplain ReadProgressSampler probe}
     */
    protected abstract void onActivity(boolean control);

    /** A pong came; {@code payload} is valid during the call. */
    protected void onPong(ByteBuf payload) {}

    /**
     * An answer to a ping was written, and waits for a flush: the peer may be one that sends pings and reads nothing.
     */
    protected abstract void onReplied();

    /**
     * The connection will carry no more messages: it is being closed with {@code code}, or was cut (1006). Once.
     *
     * @param reason this server's, as it is sent; empty where the client began
     */
    protected abstract void onEnd(int code, String reason);

    /** A time-out other than that of closing. */
    protected abstract void onTimeout();

    /** What this loop's connections share. */
    protected final LoopContext context() {
        return context;
    }

    /** The channel's context; only after the handler was added. */
    protected final ChannelHandlerContext channel() {
        if (channel == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return channel;
    }

    /** Whether a close frame was sent, so that nothing else may be. */
    protected final boolean closing() {
        return closing;
    }

    /** Calls {@link #onTimeout} in {@code millis}, and at most two ticks of the ring later. */
    protected final void timeout(long millis) {
        context.wheel().setAfter(this, millis);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx;
        decoder = ctx.pipeline().get(PausableFrameDecoder.class);
    }

    private PausableFrameDecoder decoder() {
        if (decoder == null) {
            throw new IllegalStateException("no decoder in front");
        }
        return decoder;
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof WebSocketFrame frame)) {
            ReferenceCountUtil.release(message);
            return;
        }
        try {
            if (closing) {
                if (frame instanceof CloseWebSocketFrame) {
                    ctx.close();
                }
                return;
            }
            onActivity(frame instanceof PingWebSocketFrame
                    || (frame instanceof PongWebSocketFrame && frame.content().readableBytes() != PROBE_ANSWER));
            frame(frame);
        } finally {
            frame.release();
        }
    }

    /** Handles no more frames until {@link #resume}; what comes meanwhile waits undecoded, in its order. */
    protected final void hold() {
        if (!closing) {
            decoder().pause();
        }
    }

    /** Whether {@link #hold} holds. */
    protected final boolean holds() {
        return decoder().paused();
    }

    /** Handles what was held. Not from within the handling of a frame. */
    protected final void resume() {
        if (holds()) {
            decoder().resume();
        }
    }

    /** Whether there is something to handle once nothing holds it. */
    protected final boolean holdsFrames() {
        return decoder().holdsBytes();
    }

    private void frame(WebSocketFrame frame) {
        switch (frame) {
            case TextWebSocketFrame text -> data(text, true);
            case BinaryWebSocketFrame binary -> data(binary, false);
            case ContinuationWebSocketFrame continuation -> continued(continuation);
            case PingWebSocketFrame ping -> {
                ByteBuf pong = channel().alloc().directBuffer(2 + ping.content().readableBytes());
                Frames.header(pong, 0x8A, ping.content().readableBytes());
                pong.writeBytes(ping.content());
                channel().write(pong, channel().voidPromise());
                onReplied();
            }
            case PongWebSocketFrame pong -> onPong(pong.content());
            case CloseWebSocketFrame close -> answerClose(close);
            default -> fail(PROTOCOL_ERROR, "Unexpected frame");
        }
    }

    private void data(WebSocketFrame frame, boolean text) {
        if (frame.content().readableBytes() > maxMessageSize) {
            fail(TOO_BIG, "Maximum message size exceeded");
        } else if (frame.isFinalFragment()) {
            message(frame.content(), text);
        } else {
            fragments = channel().alloc().directBuffer(frame.content().readableBytes());
            fragmentsAreText = text;
            append(frame.content());
        }
    }

    private void continued(ContinuationWebSocketFrame frame) {
        if (fragments == null) {
            fail(PROTOCOL_ERROR, "Continuation without a message");
            return;
        }
        append(frame.content());
        if (fragments != null && frame.isFinalFragment()) {
            ByteBuf whole = fragments;
            fragments = null;
            try {
                message(whole, fragmentsAreText);
            } finally {
                whole.release();
            }
        }
    }

    private void append(ByteBuf content) {
        if (fragments == null) {
            return;
        }
        if (fragments.readableBytes() + content.readableBytes() > maxMessageSize) {
            fail(TOO_BIG, "Maximum message size exceeded");
            return;
        }
        fragments.writeBytes(content); // grows by doubling, so that many small ones cost as much as a few large ones
    }

    private void message(ByteBuf content, boolean text) {
        int length = content.readableBytes();
        byte[] bytes = context.bytes(content);
        context.meters().received(length);
        if (!text) {
            onBinary(bytes, length);
        } else if (Utf8.valid(bytes, 0, length)) {
            onText(bytes, length);
        } else {
            fail(INVALID_PAYLOAD, "Invalid UTF-8");
        }
    }

    private void answerClose(CloseWebSocketFrame close) {
        int code = close.statusCode();
        if (code > LAST_CODE) { // the decoder has refused the others that RFC 6455, 7.4 rules out
            fail(PROTOCOL_ERROR, "Invalid close code");
            return;
        }
        closing = true;
        ByteBuf answer = channel().alloc().directBuffer(4);
        if (code < 0) {
            Frames.header(answer, 0x88, 0);
        } else {
            Frames.header(answer, 0x88, 2);
            answer.writeShort(code);
        }
        channel().writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
        // of the codes that clients choose, 3000 to 4999, only the thousand is counted: each code is a meter of its own
        end(code < 0 ? 1005 : code < FIRST_CODE_OF_CLIENTS ? code : code / 1000 * 1000, "");
        context.wheel().setAfter(this, CLOSE_MILLIS); // nobody may read the answer
    }

    /** Sends a close frame behind {@code messages} and ends the connection; does nothing when it is closing already. */
    protected final void close(int code, String reason, byte[]... messages) {
        if (closing) {
            return;
        }
        closing = true;
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        int size = 4 + text.length;
        for (byte[] message : messages) {
            size += Frames.size(message.length);
        }
        ByteBuf frames = channel().alloc().directBuffer(size);
        for (byte[] message : messages) {
            Frames.text(frames, message);
        }
        Frames.header(frames, 0x88, 2 + text.length);
        frames.writeShort(code).writeBytes(text);
        channel().writeAndFlush(frames, channel().voidPromise());
        end(code, reason);
        context.wheel().setAfter(this, CLOSE_MILLIS);
    }

    /**
     * Closes because the peer broke the protocol. What it sends from now on cannot be read, its close frame neither
     * (it may
     * be the very frame that was broken): so this side of TCP ends at once (7.1.7), and only the peer's end is awaited.
     */
    private void fail(int code, String reason) {
        releaseFragments();
        close(code, reason);
        if (channel().channel() instanceof DuplexChannel tcp && channel().pipeline().get(SslHandler.class) == null) {
            var _ = tcp.shutdownOutput();
        }
    }

    private void end(int code, String reason) {
        if (!ended) {
            ended = true;
            releaseFragments();
            if (decoder != null && decoder.paused()) {
                context.execute(this::resume); // for the peer's close frame, and not within the frame that ends it
            }
            if (!channel().channel().config().isAutoRead()) {
                channel().channel().config().setAutoRead(true); // for the peer's close frame
            }
            onEnd(code, reason);
        }
    }

    private void releaseFragments() {
        if (fragments != null) {
            fragments.release();
            fragments = null;
        }
    }

    @Override
    public final void onDue() {
        if (closing) {
            channel().close();
        } else {
            onTimeout();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        context.wheel().cancel(this);
        end(1006, "");
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        switch (cause) {
            case CorruptedWebSocketFrameException corrupted when corrupted.closeStatus().code() == TOO_BIG ->
                failUnreadable(TOO_BIG, "Maximum message size exceeded");
            case CorruptedWebSocketFrameException corrupted ->
                failUnreadable(corrupted.closeStatus().code(), "Invalid frame");
            case TooLongFrameException tooLong -> failUnreadable(TOO_BIG, "Maximum message size exceeded");
            case DecoderException broken -> failUnreadable(PROTOCOL_ERROR, "Invalid frame");
            case IOException cut -> ctx.close();
            default -> {
                UnexpectedErrors.log(cause);
                fail(INTERNAL_ERROR, "Internal error");
            }
        }
    }

    /** Closes because the decoder no longer knows where frames begin; what still comes is dropped unseen. */
    private void failUnreadable(int code, String reason) {
        fail(code, reason);
        decoder().leave();
    }
}
