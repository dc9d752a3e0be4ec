package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.testkit.HttpSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: upgrades, answers pings, and hands on what else comes. Not the test kit's
 * {@code WireClient}, which has a thread for each connection and an object for each message: here one thread serves
 * thousands of clients, on the cores of the servers under test. On the crowd's thread, but for {@link #open} and
 * {@link #closeCode}.
 */
abstract class Session extends ByteToMessageDecoder {

    private static final byte[] ESTABLISHED = "{\"event\":\"pusher:connection_established".getBytes(UTF_8);
    private static final byte[] PING = "{\"event\":\"pusher:ping".getBytes(UTF_8);

    /** Where the event's name begins. */
    static final int NAME = "{\"event\":\"".length();

    private @Nullable ChannelHandlerContext context;
    private boolean upgraded;
    private int pings;
    private volatile boolean open = true;
    private volatile int closeCode;

    /** It may subscribe now. */
    protected abstract void established(String socketId);

    /** A message, complete: {@code length} bytes from {@code start} on; {@code in} is valid during the call. */
    protected abstract void received(ByteBuf in, int start, int length);

    /** It ended. */
    protected void ended() {}

    /** Whether it is a client as the RFC wants it. */
    protected boolean answersPings() {
        return true;
    }

    /** The key of its application. */
    protected String key() {
        return ServerNode.KEY;
    }

    /** How many pings came. */
    final int pings() {
        return pings;
    }

    /** Whether it is connected, as far as this side knows. */
    final boolean open() {
        return open;
    }

    /** The code of the close frame; 0 without one. */
    final int closeCode() {
        return closeCode;
    }

    /** Nobody accepted it. */
    final void refused() {
        open = false;
        ended();
    }

    final void close() {
        open = false;
        if (context != null) {
            var _ = context.close();
        }
    }

    final void send(String message) {
        frame(0x81, message.getBytes(UTF_8));
    }

    private void frame(int first, byte[] payload) {
        if (context == null) {
            throw new IllegalStateException("not connected");
        }
        ByteBuf out = context.alloc().buffer(payload.length + 8);
        out.writeByte(first);
        if (payload.length < 126) {
            out.writeByte(0x80 | payload.length);
        } else {
            out.writeByte(0x80 | 126).writeShort(payload.length);
        }
        out.writeInt(0).writeBytes(payload); // masked with zeros
        var _ = context.writeAndFlush(out);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        var _ = ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(),
                HttpSocket.upgrade("/app/" + key() + "?protocol=7&client=test&version=1")));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!upgraded) {
            int end = in.toString(UTF_8).indexOf("\r\n\r\n"); // nothing but ASCII comes before it
            if (end < 0) {
                return;
            }
            String head = in.readCharSequence(end + 4, UTF_8).toString();
            if (!head.startsWith("HTTP/1.1 101")) {
                ctx.close();
                return;
            }
            upgraded = true;
        }
        while (in.readableBytes() >= 2) {
            int length = in.getByte(in.readerIndex() + 1) & 0x7f;
            int header = 2;
            if (length == 126) {
                if (in.readableBytes() < 4) {
                    return;
                }
                length = in.getUnsignedShort(in.readerIndex() + 2);
                header = 4;
            } else if (length == 127) {
                if (in.readableBytes() < 10) {
                    return;
                }
                length = Math.toIntExact(in.getLong(in.readerIndex() + 2));
                header = 10;
            }
            if (in.readableBytes() < header + length) {
                return;
            }
            int opcode = in.getByte(in.readerIndex()) & 0x0f;
            in.skipBytes(header);
            int next = in.readerIndex() + length;
            take(opcode, in, length);
            in.readerIndex(next);
        }
    }

    private void take(int opcode, ByteBuf in, int length) {
        switch (opcode) {
            case 1 -> {
                if (in.getByte(in.readerIndex() + NAME) != 'p') {
                    received(in, in.readerIndex(), length); // an event of the application's
                } else if (startsWith(in, length, PING)) {
                    send("{\"event\":\"pusher:pong\"}");
                } else if (startsWith(in, length, ESTABLISHED)) {
                    String text = in.toString(in.readerIndex(), length, UTF_8);
                    int at = text.indexOf("socket_id\\\":\\\"") + 14;
                    established(text.substring(at, text.indexOf('\\', at)));
                } else {
                    received(in, in.readerIndex(), length);
                }
            }
            case 8 -> {
                closeCode = length >= 2 ? in.getUnsignedShort(in.readerIndex()) : 1005;
                close();
            }
            case 9 -> {
                pings++;
                if (answersPings()) {
                    frame(0x8a, ByteBufUtil.getBytes(in, in.readerIndex(), length));
                }
            }
            default -> throw new IllegalStateException("frame of type " + opcode);
        }
    }

    private static boolean startsWith(ByteBuf in, int length, byte[] prefix) {
        if (length < prefix.length) {
            return false;
        }
        for (int i = prefix.length - 1; i >= 0; i--) {
            if (in.getByte(in.readerIndex() + i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        try {
            super.channelInactive(ctx);
        } finally { // whatever is wrong with the last bytes
            open = false;
            ended();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // a reset: it is seen as the end
    }
}
