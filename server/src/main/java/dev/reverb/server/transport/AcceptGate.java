package dev.reverb.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts sockets when they are accepted, not when their loop first looks at them, and accepts no more than there may
 * be: what comes waits in the system's queue, as the descriptors that are left are not for clients. Shared by the
 * listening sockets, each on its own loop thread; sockets end on any.
 */
@Sharable
final class AcceptGate extends ChannelInboundHandlerAdapter {

    private final AtomicInteger open;
    private final int most;
    private final AcceptFailures failures;
    private final List<Channel> listening = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /**
     * @param open counts the sockets
     * @param most how many there may be
     */
    AcceptGate(AtomicInteger open, int most, AcceptFailures failures) {
        this.open = open;
        this.most = most;
        this.failures = failures;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        listening.add(ctx.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        if (open.incrementAndGet() >= most) {
            adjust();
        }
        ((Channel) accepted).closeFuture().addListener(_ -> ended());
        ctx.fireChannelRead(accepted);
    }

    private void ended() {
        open.decrementAndGet();
        if (closed) {
            adjust();
        }
    }

    /** Looks again after each change: a socket may have ended, or come, while this was decided by the last count. */
    private synchronized void adjust() {
        boolean full = open.get() >= most;
        do {
            closed = full;
            if (full) {
                failures.paused(most);
            }
            for (Channel socket : listening) {
                if (socket.config().isAutoRead() == full) {
                    socket.config().setAutoRead(!full);
                }
            }
            full = open.get() >= most;
        } while (full != closed);
    }
}
