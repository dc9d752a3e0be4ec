package dev.reverb.bench.floor;

import dev.reverb.bench.crowd.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the floor, for HTTP or WebSocket. It trusts the load's fixed layout ({@link Wire}) and looks at
 * nothing else. On the event loop.
 */
// the results ignored are void promises
@SuppressWarnings("FutureReturnValueIgnored")
final class FloorConnection extends ChannelInboundHandlerAdapter {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String KEY = "Sec-WebSocket-Key: ";
    private static final byte[] DELIVERY = bytes("{\"event\":\"bench-event\",\"data\":\"");
    private static final byte[] DELIVERY_CHANNEL = bytes("\",\"channel\":\"bench-");
    private static final byte[] END = bytes("\"}");
    private static final int DELIVERY_SIZE = DELIVERY.length + Wire.PAYLOAD + DELIVERY_CHANNEL.length
            + Wire.CHANNEL_DIGITS + END.length;

    private static final int NAME = Wire.channel(0).length();
    private static final int BODY_DIGITS = Wire.BODY_START.length() + NAME - Wire.CHANNEL_DIGITS;
    private static final int BODY_DATA = Wire.BODY_START.length() + NAME + Wire.BODY_DATA.length();
    private static final int BODY_SIZE = BODY_DATA + Wire.PAYLOAD + END.length;
    private static final int ROOM_DIGITS = Wire.CLIENT_EVENT_START.length() + Wire.room(0).length()
            - Wire.CHANNEL_DIGITS;
    private static final String PING = "{\"event\":\"pusher:ping\"";
    private static final byte[] PONG = bytes("{\"event\":\"pusher:pong\"}");
    private static final String CLIENT_EVENT = Wire.CLIENT_EVENT_START.substring(0, "{\"event\":\"client".length());

    private static final ByteBuf OK = constant(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");

    private final FloorChannels channels;
    private @Nullable ByteBuf cut;
    private boolean upgraded;
    private int channel = -1;

    FloorConnection(FloorChannels channels) {
        this.channels = channels;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf read = (ByteBuf) message;
        if (cut != null) {
            read = cut.writeBytes(read);
            ((ByteBuf) message).release();
            cut = null;
        }
        while (read.isReadable() && (upgraded ? frame(context, read) : request(context, read))) {
            // one after the other
        }
        if (read.isReadable()) {
            cut = context.alloc().buffer(read.readableBytes() * 2).writeBytes(read);
        }
        read.release();
    }

    /** Answers one request; false when it is not whole. */
    private boolean request(ChannelHandlerContext context, ByteBuf read) {
        int from = read.readerIndex();
        if (read.getByte(from) == 'P') {
            int body = read.indexOf(from, read.writerIndex(), (byte) '{');
            if (body < 0 || read.writerIndex() < body + BODY_SIZE) {
                return false;
            }
            channels.publish(digits(read, body + BODY_DIGITS), delivery(context, read, body), null,
                    context.channel().eventLoop());
            read.readerIndex(body + BODY_SIZE);
            context.writeAndFlush(OK.duplicate(), context.voidPromise());
            return true;
        }
        String head = read.toString(StandardCharsets.ISO_8859_1);
        int end = head.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        read.skipBytes(end + 4);
        int key = head.indexOf(KEY) + KEY.length();
        upgraded = true;
        byte[] reply = bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + accept(head.substring(key, head.indexOf('\r', key))) + "\r\n\r\n");
        byte[] established = bytes("{\"event\":\"pusher:connection_established\",\"data\":"
                + "\"{\\\"socket_id\\\":\\\"123456789.123456789\\\",\\\"activity_timeout\\\":30}\"}");
        ByteBuf answer = context.alloc().directBuffer(reply.length + 2 + established.length).writeBytes(reply);
        context.writeAndFlush(text(answer, established.length).writeBytes(established), context.voidPromise());
        return true;
    }

    private static ByteBuf delivery(ChannelHandlerContext context, ByteBuf read, int body) {
        return text(context.alloc().directBuffer(DELIVERY_SIZE + 4), DELIVERY_SIZE).writeBytes(DELIVERY)
                .writeBytes(read, body + BODY_DATA, Wire.PAYLOAD)
                .writeBytes(DELIVERY_CHANNEL)
                .writeBytes(read, body + BODY_DIGITS, Wire.CHANNEL_DIGITS)
                .writeBytes(END);
    }

    /** Answers one frame of a client; false when it is not whole. */
    private boolean frame(ChannelHandlerContext context, ByteBuf read) {
        int from = read.readerIndex();
        if (read.readableBytes() < 8) {
            return false;
        }
        int size = read.getByte(from + 1) & 0x7f;
        int mask = from + 2;
        if (size == 126) {
            size = read.getUnsignedShort(from + 2);
            mask = from + 4;
        }
        int start = mask + 4;
        if (read.writerIndex() < start + size) {
            return false;
        }
        unmask(read, read.getInt(mask), start, start + size);
        if (startsWith(read, start, CLIENT_EVENT)) {
            ByteBuf relayed = text(context.alloc().directBuffer(size + 4), size).writeBytes(read, start, size);
            channels.publish(digits(read, start + ROOM_DIGITS), relayed, context, context.channel().eventLoop());
        } else if (startsWith(read, start, PING)) {
            context.writeAndFlush(text(context.alloc().directBuffer(PONG.length + 2), PONG.length).writeBytes(PONG),
                    context.voidPromise());
        } else {
            subscribe(context, read.toString(start, size, StandardCharsets.UTF_8));
        }
        read.readerIndex(start + size);
        return true;
    }

    private void subscribe(ChannelHandlerContext context, String message) {
        int from = message.indexOf("\"channel\":\"") + "\"channel\":\"".length();
        String name = message.substring(from, message.indexOf('"', from));
        channel = Integer.parseInt(name.substring(name.length() - Wire.CHANNEL_DIGITS));
        channels.subscribe(channel, context);
        byte[] succeeded = bytes(
                "{\"event\":\"pusher_internal:subscription_succeeded\",\"data\":\"{}\",\"channel\":\"" + name + "\"}");
        context.writeAndFlush(
                text(context.alloc().directBuffer(succeeded.length + 4), succeeded.length).writeBytes(succeeded),
                context.voidPromise());
    }

    private static void unmask(ByteBuf read, int mask, int start, int end) {
        int at = start;
        for (; at + 4 <= end; at += 4) {
            read.setInt(at, read.getInt(at) ^ mask);
        }
        for (int i = 0; at < end; at++, i++) {
            read.setByte(at, read.getByte(at) ^ (mask >>> (24 - 8 * i)));
        }
    }

    private static boolean startsWith(ByteBuf read, int start, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (read.getByte(start + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int digits(ByteBuf read, int from) {
        int number = 0;
        for (int i = 0; i < Wire.CHANNEL_DIGITS; i++) {
            number = number * 10 + read.getByte(from + i) - '0';
        }
        return number;
    }

    /** Starts a text frame of {@code size} bytes. */
    private static ByteBuf text(ByteBuf frame, int size) {
        frame.writeByte(0x81);
        return size < 126 ? frame.writeByte(size) : frame.writeByte(126).writeShort(size);
    }

    private static String accept(String key) {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(bytes(key + GUID)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-1", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuf constant(String text) {
        byte[] bytes = bytes(text);
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(bytes.length).writeBytes(bytes));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (channel >= 0) {
            channels.unsubscribe(channel, context);
        }
        if (cut != null) {
            cut.release();
            cut = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
