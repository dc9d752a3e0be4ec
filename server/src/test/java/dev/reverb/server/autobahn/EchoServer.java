package dev.reverb.server.autobahn;

import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.transport.Transport;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.websocket.EchoUpgrade;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;

/**
 * A WebSocket echo on the server's own event loops, frame decoder and closing handshake. It runs until it is closed,
 * or,
 * as a program with a port as its argument, until it is killed.
 */
public final class EchoServer implements AutoCloseable {

    private final Transport transport;
    private final Channel listening;

    private EchoServer(Transport transport, Channel listening) {
        this.transport = transport;
        this.listening = listening;
    }

    /** Listens on the loopback; port 0 takes any free one. */
    public static EchoServer start(int port) {
        Settings settings = Settings.read(Map.of("REVERB_TRANSPORT", "nio", "REVERB_EVENT_LOOPS", "1"),
                Optional.empty(), Overrides.none());
        Transport transport = new Transport(settings.server(), false);
        LoopContext loop = transport.loops().getFirst().loop();
        EchoUpgrade.start(loop);
        Channel listening = new ServerBootstrap().group(loop.eventLoop())
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, transport.allocator())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        EchoUpgrade.install(channel, loop);
                    }
                })
                .bind("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
        return new EchoServer(transport, listening);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        transport.close();
    }

    public static void main(String[] args) throws InterruptedException {
        EchoServer server = start(Integer.parseInt(args[0]));
        System.out.println("listening on " + server.address());
        server.listening.closeFuture().await();
    }
}
