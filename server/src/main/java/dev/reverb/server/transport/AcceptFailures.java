package dev.reverb.server.transport;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in one line, once a minute at most, that no connection can be accepted. Netty tries again after a second;
 * until then new connections wait in the system's queue, and those that are there go on. Shared by the listening
 * sockets, each on its own loop thread.
 */
@Sharable
final class AcceptFailures extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.transport");
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long saidAt;
    private boolean said;

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        say(cause + " (too many files: raise ulimit -n)");
    }

    /** As many sockets are open as this process may have. Any thread. */
    void paused(int sockets) {
        say(sockets + " sockets are open, as many as limits.max_connections or the open-files limit (ulimit -n)"
                + " allows");
    }

    private synchronized void say(String reason) {
        long now = System.nanoTime();
        if (!said || now - saidAt > PAUSE_NANOS) {
            said = true;
            saidAt = now;
            LOG.warn("no connection can be accepted now, new ones wait: {}", reason);
        }
    }
}
