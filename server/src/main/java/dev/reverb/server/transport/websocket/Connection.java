package dev.reverb.server.transport.websocket;

import dev.reverb.model.App;
import dev.reverb.server.channel.AppChannels;
import dev.reverb.server.channel.Frames;
import dev.reverb.server.channel.LoopChannels;
import dev.reverb.server.channel.Subscription;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.metrics.ServerMeters.Rejection;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.session.Effect;
import dev.reverb.server.session.Session;
import dev.reverb.server.transport.flow.ProbedClient;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.loop.NodeContext;
import dev.reverb.server.transport.loop.TimerWheel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client's WebSocket: pings, backpressure, and what its {@link Session} decides. It is its own channel handler, and
 * one subscription needs no map, so that an idle connection costs little memory. Loop thread only.
 */
public final class Connection extends GreetedWebSocket implements ProbedClient {

    private static final int LONG_GREETING = 16 * 1024; // bytes from which on it is waited for
    private static final int SLOWEST_GREETING = 32; // bytes of one that a client takes in a millisecond, at the least

    private final NodeContext node;
    private final LoopConnections connections;
    private final AppChannels app;
    private final String key; // that it came with
    private final long socketId;
    private final Subscriptions subscriptions = new Subscriptions(this);
    private final Session session;

    private int lastActivity;
    private boolean pinged;
    private boolean usesControlFrames;
    private boolean dirty;
    /** When the oldest byte that its socket has not taken was written, or a little earlier; -1 when there is none. */
    private int behindSince = -1;
    /** Whether a write is under way whose end shows that all that was written before it is taken. */
    private boolean marked;
    int place = -1; // in the loop's list; -1 while in none

    Connection(NodeContext node, LoopConnections connections, App app, long socketId) {
        super(connections.loop(), app.maxMessageSize(), connections.greetings());
        this.node = node;
        this.connections = connections;
        session = new Session(connections.sessions(), subscriptions, socketId);
        this.app = node.channels().of(app);
        this.key = app.key();
        this.socketId = socketId;
    }

    /** Counts the connection, sends {@code connection_established}, and begins to watch for silence. */
    void establish(byte[] handshake, App configured) {
        byte[] established = Messages.established(socketId, configured.activityTimeout());
        ByteBuf bytes = channel().alloc().directBuffer(handshake.length + Frames.size(established.length));
        bytes.writeBytes(handshake);
        Frames.text(bytes, established);
        context().meters().sent(1, Frames.size(established.length));
        connections.add(this);
        app.connections(1);
        node.meters().opened().increment();
        ConnectionNotices.opened(node, app.id(), socketId);
        node.meters().served().incrementAndGet();
        channel().writeAndFlush(bytes, channel().voidPromise());
        onSent(established);
        lastActivity = context().wheel().now();
        timeout(configured.pingInterval().toMillis());
    }

    /** The key of the application that it came with. */
    public String key() {
        return key;
    }

    /** What this node has of the application. */
    public AppChannels appChannels() {
        return app;
    }

    @Override
    public long socketId() {
        return socketId;
    }

    @Override
    public LoopChannels loop() {
        return context().channels();
    }

    @Override
    protected void onText(byte[] bytes, int length) {
        app.messages().received();
        ConnectionNotices.received(node, app, socketId, bytes, length);
        App configured = app.app();
        if (configured == null) {
            close(ProtocolError.APPLICATION_NOT_FOUND);
        } else {
            carryOut(session.receive(configured, context().wheel().nowMillis(), bytes, length));
        }
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.None _ -> {
            }
            case Effect.Reply(byte[] message) -> send(message);
            case Effect.SignedIn signedIn -> {
                subscriptions.signedIn(session.user(), signedIn.watchlist());
                send(signedIn.message());
            }
            case Effect.Close(ProtocolError error) -> close(error);
            case Effect.RateLimited(boolean close) -> rateLimited(close, ProtocolError.RATE_LIMITED.message());
            case Effect.TooManyLeaves(String channel) -> rateLimited(false, Session.tooManyLeaves(channel));
            case Effect.Subscribe wanted when wanted.member() == null -> subscriptions.subscribe(wanted);
            case Effect.Subscribe wanted -> whenTurnGreets(() -> subscriptions.subscribe(wanted));
            case Effect.GreetAgain(String channel) -> whenTurnGreets(() -> subscriptions.greetAgain(channel));
            case Effect.Unsubscribe(String channel) -> subscriptions.unsubscribe(channel);
            case Effect.Publish(String channel, byte[] message) -> {
                Publication publication = app.publication(channel, message, socketId);
                if (!node.channels().publish(List.of(publication), () -> {})) {
                    send(Messages.error(ProtocolError.OVER_CAPACITY.code(), node.channels().refusal(app.id())));
                } else {
                    ConnectionNotices.published(node, publication.channel(), socketId, message);
                }
            }
        }
    }

    @Override
    public void refused(Subscription subscription) {
        subscriptions.refused(subscription);
    }

    @Override
    public void historyRead(long bytes) {
        subscriptions.historyRead(bytes);
    }

    NodeContext node() {
        return node;
    }

    LoopConnections connections() {
        return connections;
    }

    private void rateLimited(boolean close, byte[] message) {
        node.meters().rejected(Rejection.RATE_LIMIT);
        if (close) {
            close(ProtocolError.RATE_LIMIT_CLOSE.code(), ProtocolError.RATE_LIMIT_CLOSE.text(), message);
        } else {
            send(message);
        }
    }

    @Override
    protected void onBinary(byte[] bytes, int length) {
        onText(bytes, length); // as in Reverb; the scanner refuses what is no UTF-8
    }

    @Override
    protected void onActivity(boolean control) {
        lastActivity = context().wheel().now();
        pinged = false;
        usesControlFrames |= control;
    }

    @Override
    protected void onPong(ByteBuf payload) {
        if (payload.isReadable()) {
            connections.sampler().answered(this, payload);
        }
    }

    @Override
    public void probe(int number) {
        if (!closing()) {
            ByteBuf ping = channel().alloc().directBuffer(6);
            Frames.header(ping, 0x89, Integer.BYTES);
            ping.writeInt(number);
            channel().writeAndFlush(ping, channel().voidPromise());
        }
    }

    @Override
    protected void onReplied() {
        context().channels().flushLater(this);
    }

    @Override
    protected void onTimeout() {
        App configured = app.app();
        if (configured == null) {
            close(ProtocolError.APPLICATION_NOT_FOUND);
            return;
        }
        int silent = context().wheel().now() - lastActivity;
        int interval = TimerWheel.ticks(configured.pingInterval().toMillis());
        if (pinged) {
            node.meters().pruned().increment();
            ConnectionNotices.pruned(node, app.id(), socketId);
            close(ProtocolError.PONG_TIMEOUT);
        } else if (silent <= interval) {
            timeout((interval - silent) * TimerWheel.TICK_MILLIS);
        } else {
            pinged = true;
            if (usesControlFrames) {
                ByteBuf ping = channel().alloc().directBuffer(2);
                Frames.header(ping, 0x89, 0);
                channel().writeAndFlush(ping, channel().voidPromise());
            } else {
                send(Messages.PING);
            }
            timeout(configured.activityTimeout().toMillis());
        }
    }

    /** Writes one message; flushed with what else this turn of the loop writes. */
    public void send(byte[] message) {
        if (closing()) {
            return;
        }
        ByteBuf frame = channel().alloc().directBuffer(Frames.size(message.length));
        Frames.text(frame, message);
        context().meters().sent(1, frame.readableBytes());
        write(frame);
        onSent(message);
        context().channels().flushLater(this);
    }

    /** Sends an error and closes with its code. */
    public void close(ProtocolError error) {
        close(error.code(), error.text(), error.message());
    }

    /** Closes with {@code reason}'s code, which brings the client back; without an error message, as nothing failed. */
    public void closeForRestart(ProtocolError reason) {
        subscriptions.linger(reason);
        close(reason.code(), reason.text());
    }

    /** Whether it is notified before it is closed, as one of its subscriptions resumes; any thread, perhaps late. */
    public boolean resumes() {
        return subscriptions.anyResumes();
    }

    @Override
    public boolean open() {
        return channel().channel().isOpen();
    }

    @Override
    public void write(ByteBuf frames) {
        if (closing()) {
            frames.release();
        } else {
            ChannelHandlerContext channel = channel();
            channel.write(frames, behindSince < 0 || marked ? channel.voidPromise() : mark(channel));
        }
    }

    /** Once this write is taken all older ones are: a small backlog that never empties is not an old one. */
    private ChannelPromise mark(ChannelHandlerContext channel) {
        marked = true;
        int now = context().wheel().now();
        return channel.newPromise().addListener(_ -> {
            marked = false;
            if (behindSince >= 0) {
                behindSince = now;
            }
        });
    }

    @Override
    public void greet(ByteBuf frames) {
        if (!closing() && frames.readableBytes() > LONG_GREETING) {
            writeGreeting(frames);
        } else {
            write(frames);
            greetingTaken();
        }
    }

    @Override
    protected void onGreetingTaken(int writtenAt) {
        if (behindSince >= 0) {
            behindSince = writtenAt;
        }
    }

    @Override
    public void flush() {
        dirty = false;
        if (closing()) {
            return;
        }
        channel().flush();
        long waiting = waitingBytes();
        if (waiting == 0) {
            return;
        }
        if (waiting - greeting() > node.config().limits().outboundBuffer()) {
            closeSlow();
        } else if (behindSince < 0) {
            behindSince = context().wheel().now();
            connections.watch(this);
        }
    }

    private long waitingBytes() {
        ChannelOutboundBuffer waiting = channel().channel().unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes();
    }

    /** Looks whether it caught up; false when it need not be watched any longer. */
    boolean stillBehind(int now) {
        if (closing() || waitingBytes() == 0) {
            behindSince = -1;
            return false;
        }
        long age = node.config().limits().outboundAge().toMillis() + greeting() / SLOWEST_GREETING;
        if (now - behindSince > TimerWheel.ticks(age)) {
            closeSlow();
            return false;
        }
        return true;
    }

    private void closeSlow() {
        node.meters().slowReaders().increment();
        close(ProtocolError.SLOW_READER);
    }

    @Override
    void cutOff() {
        closeSlow();
        channel().close(); // what it has not taken is given back now
    }

    @Override
    public void abort() {
        try {
            close(ProtocolError.RETURN_LATER);
        } catch (Throwable noMemory) { // not even for a close frame
            channel().channel().close();
        }
    }

    @Override
    public boolean markDirty() {
        boolean was = dirty;
        dirty = true;
        return !was;
    }

    @Override
    public boolean hasSeveralChannels() {
        return subscriptions.several();
    }

    private void onSent(byte[] message) {
        app.messages().sent(1);
        ConnectionNotices.replied(node, app, socketId, message);
    }

    @Override
    public void sent(byte[] message) {
        ConnectionNotices.sent(node, app.id(), socketId, message);
    }

    @Override
    protected void onEnd(int code, String reason) {
        subscriptions.end();
        if (place >= 0) {
            connections.remove(this);
            app.connections(-1);
            node.cluster().state().disconnect(app.id());
            node.meters().served().decrementAndGet();
            node.meters().closed(code);
            ConnectionNotices.closed(node, app.id(), socketId, code, reason);
        }
    }

    @Override
    public String toString() {
        return "Connection[" + app.id() + " " + SocketId.format(socketId) + "]";
    }
}
