package dev.reverb.server.transport;

import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.api.Api;
import dev.reverb.server.channel.LoopChannels;
import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.metrics.LoopMeters;
import dev.reverb.server.protocol.PreviousSecretUse;
import dev.reverb.server.transport.http.AddressLimits;
import dev.reverb.server.transport.http.BodyMemory;
import dev.reverb.server.transport.http.HttpHandler;
import dev.reverb.server.transport.http.RequestDecoder;
import dev.reverb.server.transport.http.Served;
import dev.reverb.server.transport.http.Upgrade;
import dev.reverb.server.transport.http.head.BoundedHeaders;
import dev.reverb.server.transport.loop.EventLoops;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.loop.NodeContext;
import dev.reverb.server.transport.websocket.LoopConnections;
import dev.reverb.server.transport.websocket.WebSocketUpgrade;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The event loops and the listening sockets. */
public final class Transport implements AutoCloseable {

    private static final int BACKLOG = 4096;
    /** Sockets beyond those that are served: of clients that are refused with a close code, and of the HTTP API. */
    private static final int BEING_REFUSED = 32;

    /** Replies that wait for a client before its next request is carried out; WebSockets are bounded elsewhere. */
    private static final WriteBufferWaterMark REPLIES_UNREAD = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private final EventLoopGroup group;
    private final Class<? extends ServerChannel> serverChannel;
    private final PooledByteBufAllocator allocator;
    private final List<LoopConnections> loops = new ArrayList<>();
    private final PreviousSecretUse previousSecrets = new PreviousSecretUse();
    private final AcceptFailures acceptFailures = new AcceptFailures();
    private final ThreadPoolExecutor handshakes;
    private volatile @Nullable Channel listening;
    private volatile @Nullable Channel listeningForApi;

    /**
     * Makes the loops; nothing listens yet.
     *
     * @param listened whether a listener is called for each message sent
     * @throws SettingsException when the transport asked for does not work on this machine, with the reason
     */
    public Transport(ServerConfig config, boolean listened) {
        int threads = config.loops();
        IoHandlerFactory factory;
        ServerConfig.Transport wanted = config.transport();
        if (wanted == ServerConfig.Transport.IO_URING) {
            if (!IoUring.isAvailable()) {
                throw new SettingsException("REVERB_TRANSPORT: \"io_uring\" does not work on this machine ("
                        + IoUring.unavailabilityCause() + "); allowed here is auto, epoll or nio");
            }
            factory = IoUringIoHandler.newFactory();
            serverChannel = IoUringServerSocketChannel.class;
        } else if (wanted != ServerConfig.Transport.NIO && Epoll.isAvailable()) {
            factory = EpollIoHandler.newFactory();
            serverChannel = EpollServerSocketChannel.class;
        } else if (wanted == ServerConfig.Transport.EPOLL) {
            throw new SettingsException("REVERB_TRANSPORT: \"epoll\" does not work on this machine ("
                    + Epoll.unavailabilityCause() + "); allowed here is auto or nio");
        } else {
            factory = NioIoHandler.newFactory();
            serverChannel = NioServerSocketChannel.class;
        }
        handshakes = handshakes(threads);
        group = new EventLoops(threads, new DefaultThreadFactory("reverb-loop", true), factory);
        // one arena per loop, so that loops do not meet in the allocator; no heap arenas, since nothing uses them
        allocator = new PooledByteBufAllocator(true, 0, threads, PooledByteBufAllocator.defaultPageSize(),
                PooledByteBufAllocator.defaultMaxOrder(), PooledByteBufAllocator.defaultSmallCacheSize(),
                PooledByteBufAllocator.defaultNormalCacheSize(), true);
        for (EventExecutor executor : group) {
            EventLoop loop = (EventLoop) executor;
            LoopMeters meters = new LoopMeters();
            LoopContext context = new LoopContext(loop, new LoopChannels(loop, allocator, meters, listened), meters,
                    previousSecrets);
            loops.add(new LoopConnections(context, config));
        }
    }

    /**
     * Threads that compute the signatures and key exchanges of TLS handshakes, beside the loops: whoever opens many
     * connections has them wait for each other, and not everybody else. None until one is needed; a connection has one
     * task at a time.
     */
    private static ThreadPoolExecutor handshakes(int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(threads, threads, 10, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), new DefaultThreadFactory("reverb-tls", true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** When signatures of applications' previous secrets last verified, in any loop. */
    public PreviousSecretUse previousSecrets() {
        return previousSecrets;
    }

    /** What waits in the loops and beyond them. */
    public Backlog backlog() {
        return new Backlog() {
            @Override
            public long bytes() {
                long most = 0;
                for (LoopConnections loop : loops) {
                    most = Math.max(most, loop.loop().channels().backlogBytes() + loop.sampler().unread());
                }
                return most;
            }

            @Override
            public long unwrittenBytes() {
                long most = 0;
                for (LoopConnections loop : loops) {
                    most = Math.max(most, loop.loop().channels().backlogBytes());
                }
                return most;
            }

            @Override
            public long deliveredBytes() {
                long most = 0;
                for (LoopConnections loop : loops) {
                    LoopChannels channels = loop.loop().channels();
                    most = Math.max(most, channels.writtenBytes() + channels.backlogBytes());
                }
                return most;
            }

            @Override
            public boolean unreadIn(Predicate<ChannelId> channels) {
                for (LoopConnections loop : loops) {
                    if (loop.sampler().unreadIn(channels)) {
                        return true;
                    }
                }
                return false;
            }

            @Override
            public long lineNanos() {
                long most = 0;
                for (LoopConnections loop : loops) {
                    most = Math.max(most, loop.sampler().lineNanos());
                }
                return most;
            }
        };
    }

    /** The connections, one entry a loop. */
    public List<LoopConnections> loops() {
        return List.copyOf(loops);
    }

    /** The allocator of all sockets. */
    public PooledByteBufAllocator allocator() {
        return allocator;
    }

    /**
     * Listens at the configured address, and for the HTTP API at its own if it has one.
     *
     * @param tls the context for the next connection, or null for none
     * @throws IOException when an address cannot be bound
     */
    public void listen(NodeContext node, Api api, @Nullable Supplier<SslContext> tls) throws IOException {
        loops.forEach(loop -> loop.loop().start());
        ServerConfig config = node.config();
        AcceptedSockets accepted = new AcceptedSockets(node, api, tls);
        AcceptGate gate = new AcceptGate(node.meters().sockets(),
                (int) Math.min(Integer.MAX_VALUE, (long) node.maxConnections() + BEING_REFUSED), acceptFailures);
        listening = bind(config.host(), config.port(), "REVERB_SERVER_HOST, --host", "REVERB_SERVER_PORT, --port", gate,
                new Initializer(accepted, config.api().isPresent() ? Served.CLIENTS : Served.EVERYTHING));
        if (config.api().isPresent()) {
            ServerConfig.ApiConfig own = config.api().get();
            listeningForApi = bind(own.host(), own.port(), "REVERB_API_HOST", "REVERB_API_PORT", gate,
                    new Initializer(accepted, Served.API));
        }
    }

    private Channel bind(String host, int port, String hostNames, String portNames, AcceptGate gate,
            Initializer initializer) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap().group(group)
                .channel(serverChannel)
                .handler(gate)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, REPLIES_UNREAD)
                .childHandler(initializer);
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + host + ":" + port
                    + ": no address of this machine has that name (" + hostNames + ")");
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + host + ":" + port + ": "
                    + BindFailure.say(bound.cause(), port, hostNames, portNames), bound.cause());
        }
        bound.channel().pipeline().addLast(acceptFailures); // after Netty's acceptor, which pauses
        return bound.channel();
    }

    private List<Channel> listeningSockets() {
        return Stream.of(listening, listeningForApi).filter(Objects::nonNull).map(Objects::requireNonNull).toList();
    }

    /** What accepted sockets of one loop are served by. */
    private record LoopHandlers(LoopContext loop, Upgrade upgrade) {}

    /** Prepares sockets that one listening socket accepted, each on its own loop. */
    private static final class Initializer extends ChannelInitializer<Channel> {

        private final AcceptedSockets accepted;
        private final Served served;

        Initializer(AcceptedSockets accepted, Served served) {
            this.accepted = accepted;
            this.served = served;
        }

        @Override
        protected void initChannel(Channel channel) {
            accepted.prepare(channel, served);
        }
    }

    /** What all accepted sockets share: their bounds are of the process, whichever port they came to. */
    private final class AcceptedSockets {

        private final NodeContext node;
        private final Api api;
        private final @Nullable Supplier<SslContext> tls;
        private final IdentityHashMap<EventLoop, LoopHandlers> handlers = new IdentityHashMap<>();
        private final HttpDecoderConfig decoder;
        private final BodyMemory bodies;

        AcceptedSockets(NodeContext node, Api api, @Nullable Supplier<SslContext> tls) {
            this.node = node;
            this.api = api;
            this.tls = tls;
            ServerConfig.LimitsConfig limits = node.config().limits();
            AddressLimits addresses = new AddressLimits(limits.maxConnectionsPerAddress(),
                    limits.handshakesPerSecondPerAddress(), System::nanoTime);
            for (LoopConnections connections : loops) {
                LoopContext loop = connections.loop();
                handlers.put(loop.eventLoop(),
                        new LoopHandlers(loop, new WebSocketUpgrade(node, connections, addresses)));
            }
            bodies = new BodyMemory(node.config().limits().requestMemory(), node.meters().requestBytes());
            int maxHeaderSize = node.config().limits().maxHeaderSize();
            decoder = new HttpDecoderConfig().setMaxInitialLineLength(maxHeaderSize)
                    .setMaxHeaderSize(maxHeaderSize)
                    .setHeadersFactory(BoundedHeaders.FACTORY)
                    .setTrailersFactory(BoundedHeaders.FACTORY)
                    .setMaxChunkSize(64 * 1024);
        }

        void prepare(Channel channel, Served served) {
            LoopHandlers loop = handlers.get(channel.eventLoop());
            if (loop == null) {
                throw new IllegalStateException("a loop of another group");
            }
            channel.config().setRecvByteBufAllocator(loop.loop().reads());
            ChannelPipeline pipeline = channel.pipeline();
            if (tls != null) {
                pipeline.addLast(tls.get().newHandler(channel.alloc(), handshakes));
            }
            HttpHandler http = new HttpHandler(node, loop.loop(), api, served, loop.upgrade(), bodies);
            pipeline.addLast(new RequestDecoder(decoder, http, loop.loop().turn()));
            pipeline.addLast(http);
        }
    }

    /** Where it listens for clients. */
    public InetSocketAddress address() {
        return addressOf(listening);
    }

    /** Where it listens for the HTTP API. */
    public InetSocketAddress apiAddress() {
        return addressOf(listeningForApi == null ? listening : listeningForApi);
    }

    private static InetSocketAddress addressOf(@Nullable Channel socket) {
        if (socket == null) {
            throw new IllegalStateException("not listening");
        }
        return (InetSocketAddress) socket.localAddress();
    }

    /** Accepts no more connections. */
    public void stopListening() {
        listeningSockets().forEach(socket -> socket.close().awaitUninterruptibly());
    }

    /** Closes all sockets and ends the loops; blocks at most 2 s. */
    @Override
    public void close() {
        stopListening();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        handshakes.shutdown();
    }
}
