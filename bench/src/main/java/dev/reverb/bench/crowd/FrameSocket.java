package dev.reverb.bench.crowd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A client connection whose messages may have any size: it upgrades, and from then on hands on of each message how many
 * bytes it had and how it began. Used on the load thread.
 */
public final class FrameSocket implements LoadLoop.Reader {
    /** Called for every message. */
    public interface Receiver {
        /**
         * A message has arrived whole.
         *
         * @param bytes how many it has
         * @param start its first bytes as text, at most {@value #START}
         */
        void received(FrameSocket socket, long bytes, String start) throws IOException;
    }

    /** How much of a message is looked at. */
    public static final int START = 160;

    private static final int LONG_HEADER = 10;

    private final SocketChannel socket;
    private final Receiver receiver;
    private final byte[] kept = new byte[START];
    private final byte[] header = new byte[LONG_HEADER];
    private boolean upgraded;
    private int lineEnds;
    private int headerSize;
    private long length = -1;
    private long read;

    /** Connects and sends the upgrade request. */
    public FrameSocket(LoadLoop loop, InetSocketAddress server, ByteBuffer upgrade, Receiver receiver)
            throws IOException {
        this.receiver = receiver;
        socket = open(loop, server);
        send(upgrade.rewind());
    }

    private SocketChannel open(LoadLoop loop, InetSocketAddress server) throws IOException {
        SocketChannel opened = SocketChannel.open();
        opened.connect(server);
        loop.add(opened, this);
        return opened;
    }

    /** Writes a frame whole. */
    public void send(ByteBuffer frame) throws IOException {
        socket.write(frame);
        if (frame.hasRemaining()) {
            throw new LoadFailure("the server does not read from a client");
        }
    }

    @Override
    public void readable(LoadLoop loop) throws IOException {
        ByteBuffer buffer = loop.buffer().clear();
        int size = socket.read(buffer);
        if (size < 0) {
            throw new LoadFailure("a client was closed by the server");
        }
        buffer.flip();
        while (!upgraded && buffer.hasRemaining()) {
            byte b = buffer.get();
            lineEnds = b == '\n' ? lineEnds + 1 : b == '\r' ? lineEnds : 0;
            upgraded = lineEnds == 2;
        }
        while (buffer.hasRemaining()) {
            if (length < 0) {
                header[headerSize++] = buffer.get();
                startBody();
            } else {
                body(buffer);
            }
        }
    }

    /** Knows the length once the header is whole. */
    private void startBody() throws IOException {
        if (headerSize < 2) {
            return;
        }
        int code = header[1] & 0x7f;
        int whole = code == 127 ? LONG_HEADER : code == 126 ? 4 : 2;
        if (headerSize < whole) {
            return;
        }
        if ((header[0] & 0xf) == 8) {
            throw new LoadFailure("a client was sent a close frame");
        }
        length = whole == 2 ? code : 0;
        for (int i = 2; i < whole; i++) {
            length = length << 8 | (header[i] & 0xff);
        }
        read = 0;
        headerSize = 0;
        if (length == 0) {
            end();
        }
    }

    private void body(ByteBuffer buffer) throws IOException {
        int part = (int) Math.min(buffer.remaining(), length - read);
        int keep = Math.clamp(START - read, 0, part);
        if (keep > 0) {
            buffer.get(buffer.position(), kept, (int) read, keep);
        }
        buffer.position(buffer.position() + part);
        read += part;
        if (read == length) {
            end();
        }
    }

    private void end() throws IOException {
        long bytes = length;
        length = -1;
        receiver.received(this, bytes, new String(kept, 0, (int) Math.min(bytes, START), StandardCharsets.ISO_8859_1));
    }

    /** Cuts the connection off. */
    public void cut() throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
    }
}
