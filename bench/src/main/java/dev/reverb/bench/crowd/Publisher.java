package dev.reverb.bench.crowd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One kept-alive HTTP connection with one request in flight. Used on the load thread. */
public final class Publisher implements LoadLoop.Reader {
    /** Called for replies. */
    public interface Replied {
        /** The request in flight was answered with 200; the publisher is free. */
        void replied(Publisher publisher) throws IOException;
    }

    private final LoadLoop loop;
    private final InetSocketAddress server;
    private final Replied listener;
    private SocketChannel socket;
    private ReplyWalker replies = new ReplyWalker();
    private boolean busy;

    public Publisher(LoadLoop loop, InetSocketAddress server, Replied listener) throws IOException {
        this.loop = loop;
        this.server = server;
        this.listener = listener;
        socket = open();
    }

    private SocketChannel open() throws IOException {
        SocketChannel opened = SocketChannel.open();
        opened.connect(server);
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        loop.add(opened, this);
        return opened;
    }

    /** Sends one request; the one before has to be answered. */
    public void send(SignedRequests requests, int id) throws IOException {
        busy = true;
        requests.write(id, socket);
    }

    @Override
    public void readable(LoadLoop loop) throws IOException {
        ByteBuffer buffer = loop.buffer();
        buffer.clear();
        int size = socket.read(buffer);
        if (size < 0) {
            if (busy) {
                throw new LoadFailure("the server closed an HTTP connection instead of replying");
            }
            reopen();
            return;
        }
        int ended;
        try {
            ended = replies.walk(buffer, 0, size);
        } catch (IllegalStateException e) {
            throw new LoadFailure("a publication was refused: " + e.getMessage());
        }
        if (ended > 1 || (ended == 1 && !busy)) {
            throw new LoadFailure("a reply without a request");
        }
        if (ended == 1) {
            busy = false;
            if (replies.closing()) {
                reopen();
            }
            listener.replied(this);
        }
    }

    /** Servers that end the connection after each reply are measured with what that costs them. */
    private void reopen() throws IOException {
        cut();
        replies = new ReplyWalker();
        socket = open();
    }

    public void cut() throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
    }
}
