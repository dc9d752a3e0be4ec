package dev.reverb.server.transport.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The decoder stops while its handler can take nothing, and for good once a frame was broken. */
final class PausableFrameDecoderTest {

    private static final int MOST = 1_000;

    private final PausableFrameDecoder decoder = new PausableFrameDecoder(MOST);
    private final List<String> texts = new ArrayList<>();
    private int drops;

    /** Pauses behind each message that ends with a full stop, and leaves what is broken. */
    private final EmbeddedChannel channel = new EmbeddedChannel(decoder, new ChannelInboundHandlerAdapter() {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof WebSocketFrame frame) {
                texts.add(frame.content().toString(US_ASCII));
                if (texts.getLast().endsWith(".")) {
                    decoder.pause();
                }
                frame.release();
            } else {
                drops++;
                ((ByteBuf) message).release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            decoder.leave();
        }
    });

    private static ByteBuf frames(String... texts) {
        ByteBuf frames = Unpooled.buffer();
        for (String text : texts) {
            frames.writeBytes(Frame.text(text).encode());
        }
        return frames;
    }

    @Test
    void whatComesWhileItIsPausedStaysBytesInItsOrder() {
        channel.writeInbound(frames("a", "b.", "c", "d.", "e"));
        assertEquals(List.of("a", "b."), texts);
        assertTrue(decoder.paused());
        assertTrue(decoder.holdsBytes());
        assertFalse(channel.config().isAutoRead(), "nothing more is read meanwhile");
        decoder.resume();
        assertEquals(List.of("a", "b.", "c", "d."), texts);
        decoder.resume();
        assertEquals(List.of("a", "b.", "c", "d.", "e"), texts);
        assertFalse(decoder.holdsBytes());
        channel.finishAndReleaseAll();
    }

    /** Netty's decoder would skip them one by one. */
    @Test
    void whatFollowsABrokenFrameIsDroppedAReadAtATime() {
        channel.writeInbound(frames("a", "x".repeat(MOST + 1)));
        assertNull(channel.pipeline().get(PausableFrameDecoder.class));
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[100_000]));
        channel.writeInbound(frames("b"));
        assertEquals(List.of("a"), texts);
        assertEquals(2, drops, "one for each read");
        channel.finishAndReleaseAll();
    }

    @Test
    void whatIsBrokenBehindAPauseIsFoundWhenItIsResumed() {
        channel.writeInbound(frames("a.", "x".repeat(MOST + 1)));
        assertInstanceOf(PausableFrameDecoder.class, channel.pipeline().first());
        decoder.resume();
        assertNull(channel.pipeline().get(PausableFrameDecoder.class));
        decoder.resume();
        assertEquals(List.of("a."), texts);
        channel.finishAndReleaseAll();
    }
}
