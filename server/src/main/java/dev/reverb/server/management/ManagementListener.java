package dev.reverb.server.management;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The socket of health and metrics, on one thread of its own. At most {@value #MOST} connections are open: one more
 * closes the oldest, so that whoever opens many and says nothing does not shut the probes out. When no connection can
 * be accepted, for want of descriptors, Netty's acceptor pauses for a second.
 */
final class ManagementListener implements AutoCloseable {

    static final int MOST = 64;
    /** Bytes of a body; none is wanted. */
    private static final int BODY = 1024;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1,
            new DefaultThreadFactory("reverb-management", true), NioIoHandler.newFactory());
    /** Oldest first; its loop only. */
    private final Set<Channel> open = new LinkedHashSet<>();
    private final Channel listening;

    /** Binds and serves. */
    ManagementListener(InetSocketAddress address, ChannelInitializer<Channel> handlers) throws IOException {
        ChannelFuture bound = new ServerBootstrap().group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, MOST)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        admit(channel);
                        channel.pipeline()
                                .addLast(new HttpServerCodec(4_096, 8_192, 8_192))
                                .addLast(new HttpObjectAggregator(BODY, true))
                                .addLast(handlers);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new IOException(bound.cause().getMessage(), bound.cause());
        }
        listening = bound.channel();
    }

    private void admit(Channel channel) {
        if (open.size() >= MOST) {
            open.iterator().next().close();
        }
        open.add(channel);
        channel.closeFuture().addListener(_ -> open.remove(channel));
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
