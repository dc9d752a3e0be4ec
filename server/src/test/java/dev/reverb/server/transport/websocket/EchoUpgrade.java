package dev.reverb.server.transport.websocket;

import dev.reverb.server.channel.Frames;
import dev.reverb.server.transport.loop.LoopContext;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;

/**
 * Upgrades every request to a WebSocket that sends back what it receives, through the handlers that serve clients. Loop
 * thread only.
 */
public final class EchoUpgrade extends ChannelInboundHandlerAdapter {

    private static final int MAX_MESSAGE_SIZE = 1 << 20;

    private final LoopContext loop;

    private EchoUpgrade(LoopContext loop) {
        this.loop = loop;
    }

    /** Starts the time-outs of {@code loop}; once. */
    public static void start(LoopContext loop) {
        loop.start();
    }

    /** Makes {@code channel}, which belongs to {@code loop}, an echo. */
    public static void install(Channel channel, LoopContext loop) {
        channel.pipeline().addLast(new HttpRequestDecoder()).addLast(new EchoUpgrade(loop));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(Handshake.answer(request)));
            WebSocketUpgrade.webSocket(ctx.pipeline(), new Echo(loop), MAX_MESSAGE_SIZE);
            ctx.pipeline().remove(this);
            ctx.pipeline().remove(HttpRequestDecoder.class);
        }
        ReferenceCountUtil.release(message);
    }

    private static final class Echo extends WebSocketHandler {

        private static final int FINAL_TEXT = 0x81;
        private static final int FINAL_BINARY = 0x82;

        Echo(LoopContext context) {
            super(context, MAX_MESSAGE_SIZE);
        }

        @Override
        protected void onText(byte[] bytes, int length) {
            send(FINAL_TEXT, bytes, length);
        }

        @Override
        protected void onBinary(byte[] bytes, int length) {
            send(FINAL_BINARY, bytes, length);
        }

        private void send(int first, byte[] bytes, int length) {
            ByteBuf frame = channel().alloc().directBuffer(length + 10);
            Frames.header(frame, first, length);
            frame.writeBytes(bytes, 0, length);
            channel().writeAndFlush(frame, channel().voidPromise());
        }

        @Override
        protected void onActivity(boolean control) {}

        @Override
        protected void onEnd(int code, String reason) {}

        @Override
        protected void onReplied() {
            channel().flush();
        }

        @Override
        protected void onTimeout() {}
    }
}
