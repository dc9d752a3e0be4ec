package dev.reverb.server.transport;

import dev.reverb.server.app.App;
import dev.reverb.server.app.RateLimiting;
import dev.reverb.server.channel.AppChannels;
import dev.reverb.server.channel.Frames;
import dev.reverb.server.channel.LoopChannels;
import dev.reverb.server.channel.Recipient;
import dev.reverb.server.channel.Subscription;
import dev.reverb.server.listener.ReverbEvent;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.SocketId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One client. It is its own channel handler, so that an idle connection costs one object here. Nothing that is not
 * used is
 * allocated: one subscription needs no map, a connection that never sends needs no rate window. Loop thread only.
 */
public final class Connection extends WebSocketHandler implements Recipient {

    private final NodeContext node;
    private final AppChannels app;
    private final long socketId;

    private @Nullable Subscription only;
    private @Nullable Map<String, Subscription> more;
    private @Nullable PresenceMember user;

    private int lastActivity;
    private boolean pinged;
    private boolean usesControlFrames;
    private boolean dirty;
    /** When the oldest byte that its socket has not taken was written, or a little earlier; -1 when there is none. */
    private int behindSince = -1;
    /** Whether a write is under way whose end tells that all that was written before it is taken. */
    private boolean marked;
    private int windowStart;
    private int windowMessages;
    /** Place in the loop's list; -1 while in none. */
    int place = -1;

    Connection(NodeContext node, LoopContext context, AppChannels app, long socketId) {
        super(context, app.app().maxMessageSize());
        this.node = node;
        this.app = app;
        this.socketId = socketId;
    }

    /** Sends {@code connection_established} and begins to watch for silence. */
    void establish(byte[] handshake) {
        byte[] established = Messages.established(socketId, app.app().activityTimeout());
        ByteBuf bytes = channel().alloc().directBuffer(handshake.length + Frames.size(established.length));
        bytes.writeBytes(handshake);
        Frames.text(bytes, established);
        context().meters().sent(1, Frames.size(established.length));
        channel().writeAndFlush(bytes, channel().voidPromise());
        sentIfListened(established);
        context().add(this);
        app.connections(1);
        node.meters().opened().increment();
        lastActivity = context().ring().now();
        timeout(app.app().pingInterval().toMillis());
    }

    NodeContext node() {
        return node;
    }

    /** The application, as configured now. */
    public App app() {
        return app.app();
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

    LoopContext loopContext() {
        return context();
    }

    /** The user that it signed in as, or null. */
    @Nullable
    PresenceMember user() {
        return user;
    }

    void signIn(PresenceMember user) {
        this.user = user;
    }

    /** Whether it is signed in as {@code userId}, or a member of a presence channel with that id. */
    public boolean isUser(String userId) {
        if (user != null && user.userId().equals(userId)) {
            return true;
        }
        for (Subscription subscription : subscriptions()) {
            PresenceMember member = subscription.member();
            if (member != null && member.userId().equals(userId)) {
                return true;
            }
        }
        return false;
    }

    @Nullable
    Subscription subscription(String channel) {
        if (more != null) {
            return more.get(channel);
        }
        return only != null && only.channelName().equals(channel) ? only : null;
    }

    int subscriptionCount() {
        return more != null ? more.size() : only == null ? 0 : 1;
    }

    private Collection<Subscription> subscriptions() {
        return more != null ? more.values() : only == null ? List.of() : List.of(only);
    }

    void add(Subscription subscription) {
        if (more != null) {
            more.put(subscription.channelName(), subscription);
        } else if (only == null) {
            only = subscription;
        } else {
            more = new HashMap<>();
            more.put(only.channelName(), only);
            more.put(subscription.channelName(), subscription);
            only = null;
        }
    }

    void remove(Subscription subscription) {
        if (more != null) {
            more.remove(subscription.channelName());
        } else {
            only = null;
        }
        node.channels().unsubscribe(subscription);
    }

    @Override
    protected void onText(byte[] bytes, int length) {
        if (node.listeners().any()) {
            node.listeners()
                    .emit(new ReverbEvent.MessageReceived(app.id(), SocketId.format(socketId),
                            new String(bytes, 0, length, StandardCharsets.UTF_8)));
        }
        RateLimiting limit = app().rateLimiting();
        if (limit.enabled() && overLimit(limit)) {
            return;
        }
        ClientMessages.handle(this, bytes, length);
    }

    @Override
    protected void onBinary(byte[] bytes, int length) {
        error(ProtocolError.INVALID_MESSAGE);
    }

    private boolean overLimit(RateLimiting limit) {
        int now = context().ring().now();
        if (windowMessages == 0 || now - windowStart >= TimerRing.ticks(limit.decay().toMillis())) {
            windowStart = now;
            windowMessages = 0;
        }
        if (++windowMessages <= limit.maxAttempts()) {
            return false;
        }
        node.meters().rejected(dev.reverb.server.metrics.ServerMeters.Rejection.RATE_LIMIT);
        if (limit.terminateOnLimit()) {
            close(ProtocolError.RATE_LIMIT_CLOSE.code(), ProtocolError.RATE_LIMIT_CLOSE.text(),
                    ProtocolError.RATE_LIMITED.message());
        } else {
            error(ProtocolError.RATE_LIMITED);
        }
        return true;
    }

    @Override
    protected void onActivity(boolean control) {
        lastActivity = context().ring().now();
        pinged = false;
        usesControlFrames |= control;
    }

    @Override
    protected void onPong(ByteBuf payload) {
        if (payload.isReadable()) {
            context().probes().answered(this, payload);
        }
    }

    /** Asks when it will have read what was written up to now. */
    void probe(int number) {
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
        int silent = context().ring().now() - lastActivity;
        int interval = TimerRing.ticks(app().pingInterval().toMillis());
        if (pinged) {
            node.meters().pruned().increment();
            if (node.listeners().any()) {
                node.listeners().emit(new ReverbEvent.ConnectionPruned(app.id(), SocketId.format(socketId)));
            }
            close(ProtocolError.PONG_TIMEOUT);
        } else if (silent < interval) {
            timeout((interval - silent) * TimerRing.TICK_MILLIS);
        } else {
            pinged = true;
            if (usesControlFrames) {
                ByteBuf ping = channel().alloc().directBuffer(2);
                Frames.header(ping, 0x89, 0);
                channel().writeAndFlush(ping, channel().voidPromise());
            } else {
                send(Messages.PING);
            }
            timeout(app().activityTimeout().toMillis());
        }
    }

    /** Writes one message; flushed with what else this turn of the loop writes. */
    void send(byte[] message) {
        if (closing()) {
            return;
        }
        ByteBuf frame = channel().alloc().directBuffer(Frames.size(message.length));
        Frames.text(frame, message);
        context().meters().sent(1, frame.readableBytes());
        write(frame);
        sentIfListened(message);
        context().channels().flushLater(this);
    }

    /** Tells the client of an error that does not end the connection. */
    void error(ProtocolError error) {
        send(error.message());
    }

    /** Tells the client of an error with a text of its own. */
    void error(int code, String text) {
        send(Messages.error(code, text));
    }

    /** Tells the client of an error and closes with its code. */
    public void close(ProtocolError error) {
        close(error.code(), error.text(), error.message());
    }

    /**
     * Closes with a code that brings the client back: {@code reason}'s. No error message precedes, as nothing failed.
     */
    public void closeForRestart(ProtocolError reason) {
        close(reason.code(), reason.text());
    }

    /** Whether its socket is open; any thread. */
    public boolean open() {
        return channel().channel().isOpen();
    }

    @Override
    public void write(ByteBuf frames) {
        if (closing()) {
            frames.release();
            return;
        }
        ChannelHandlerContext channel = channel();
        channel.write(frames, behindSince < 0 || marked ? channel.voidPromise() : mark(channel));
    }

    /**
     * A client may always be behind a little while nothing waits for long: once this write is taken, older ones are.
     */
    private ChannelPromise mark(ChannelHandlerContext channel) {
        marked = true;
        int now = context().ring().now();
        return channel.newPromise().addListener(_ -> {
            marked = false;
            if (behindSince >= 0) {
                behindSince = now;
            }
        });
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
        if (waiting > node.config().limits().outboundBuffer()) {
            closeSlow();
        } else if (behindSince < 0) {
            behindSince = context().ring().now();
            context().watch(this);
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
        if (now - behindSince > TimerRing.ticks(node.config().limits().outboundAge().toMillis())) {
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
        return more != null;
    }

    private void sentIfListened(byte[] message) {
        if (node.listeners().any()) {
            sent(message);
        }
    }

    @Override
    public void sent(byte[] message) {
        node.listeners()
                .emit(new ReverbEvent.MessageSent(app.id(), SocketId.format(socketId),
                        new String(message, StandardCharsets.UTF_8)));
    }

    @Override
    protected void onEnd(int code) {
        for (Subscription subscription : List.copyOf(subscriptions())) {
            node.channels().unsubscribe(subscription);
        }
        only = null;
        more = null;
        if (place >= 0) {
            context().remove(this);
            app.connections(-1);
            node.cluster().state().disconnect(app.id());
            node.meters().closed(code);
        }
    }

    @Override
    public String toString() {
        return "Connection[" + app.id() + " " + SocketId.format(socketId) + "]";
    }
}
