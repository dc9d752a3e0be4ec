package dev.reverb.bench.floor;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The server that does as little as one can: one event loop, one write and one flush of a pre-encoded frame per
 * subscriber. It checks no signature, parses no JSON and knows only the load that {@code dev.reverb.bench.load} makes.
 * Everything a real server does beyond this shows as its distance from the floor.
 *
 * <p>The merging variant joins what waits for a channel into one write per subscriber: what is left to win, and what
 * the
 * load client has to keep up with.
 */
public final class FloorServer implements AutoCloseable {
    private static final int BACKLOG = 4096;

    private final EventLoopGroup loops;
    private final Channel acceptor;

    private FloorServer(EventLoopGroup loops, Channel acceptor) {
        this.loops = loops;
        this.acceptor = acceptor;
    }

    /**
     * Starts one on loopback.
     *
     * @param port 0 for any free one
     * @param merging whether to join what waits
     */
    public static FloorServer start(int port, boolean merging) {
        return start(port, merging, pipeline -> {});
    }

    /** @param first adds handlers between the socket and the floor */
    static FloorServer start(int port, boolean merging, Consumer<ChannelPipeline> first) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory handler = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, handler);
        FloorChannels channels = new FloorChannels(merging);
        Channel acceptor = new ServerBootstrap().group(loops)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        first.accept(channel.pipeline());
                        channel.pipeline().addLast(new FloorConnection(channels));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .syncUninterruptibly()
                .channel();
        return new FloorServer(loops, acceptor);
    }

    /** Where it accepts connections. */
    public InetSocketAddress address() {
        return (InetSocketAddress) acceptor.localAddress();
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /**
     * Runs one until the process ends.
     *
     * @param arguments the port, and {@code merging} for the merging variant
     */
    public static void main(String[] arguments) {
        FloorServer server = start(Integer.parseInt(arguments[0]),
                arguments.length > 1 && arguments[1].equals("merging"));
        server.acceptor.closeFuture().syncUninterruptibly();
    }
}
