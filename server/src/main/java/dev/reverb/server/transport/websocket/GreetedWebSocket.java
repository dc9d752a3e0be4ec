package dev.reverb.server.transport.websocket;

import dev.reverb.server.transport.loop.LoopContext;
import io.netty.buffer.ByteBuf;

/**
 * A WebSocket whose peer may be sent a greeting that is larger than what else may wait for it: until the peer has taken
 * it, nothing more is read from the peer and no message of the peer is handled, so that there is one at a time. Loop
 * thread only.
 */
abstract class GreetedWebSocket extends WebSocketHandler {

    private final GreetingMemory memory;
    /** Bytes of greetings that the socket has not taken. */
    private int greeting;
    /** The peer is held until {@link #greetingTaken}: a greeting, or what it is made of, is on its way. */
    private boolean awaited;
    /** What makes the next greeting waits for a later turn of the loop. */
    private boolean deferred;

    GreetedWebSocket(LoopContext context, int maxMessageSize, GreetingMemory memory) {
        super(context, maxMessageSize);
        this.memory = memory;
    }

    /** Ends the connection at once: its greeting takes memory that others need. */
    abstract void cutOff();

    /** The socket has taken a greeting that was written at the tick {@code writtenAt}, and all before it. */
    protected abstract void onGreetingTaken(int writtenAt);

    /** Bytes of greetings that the socket has not taken. */
    final int greeting() {
        return greeting;
    }

    /** Handles no more messages of the peer, and reads none, until {@link #greetingTaken}. */
    final void pause() {
        awaitGreeting();
        channel().channel().config().setAutoRead(false);
    }

    /** Writes a long greeting, unflushed; {@code frames} become its own. */
    final void writeGreeting(ByteBuf frames) {
        int size = frames.readableBytes();
        int now = context().wheel().now();
        pause();
        memory.hold(this, size);
        greeting += size;
        channel().write(frames, channel().newPromise().addListener(_ -> {
            greeting -= size;
            if (greeting == 0) {
                memory.release(this);
            }
            onGreetingTaken(now);
            greetingTaken();
        }));
    }

    /**
     * Runs {@code task}, which may make a long greeting, as soon as the loop's turn has room for one more; nothing of
     * the peer is handled or read before.
     */
    final void whenTurnGreets(Runnable task) {
        if (greets()) {
            make(task);
            return;
        }
        deferred = true;
        pause();
        context().turn().greetNext(() -> {
            deferred = false;
            awaited = false;
            if (closing()) {
                return;
            }
            make(task);
            if (!awaited) {
                proceed();
            }
        });
    }

    /** Whether the loop's turn has room for one more greeting. */
    final boolean greets() {
        return context().turn().greets();
    }

    private void make(Runnable task) {
        task.run();
        context().turn().greeted(context().channels().takeGreetingBytes());
    }

    /** A greeting was made for the peer, which has to have it before more of the peer is handled. */
    final void awaitGreeting() {
        awaited = true;
        hold();
    }

    /** Handles what was held until the greeting was written, unless another one is still to be taken. */
    final void greetingTaken() {
        awaited &= greeting > 0;
        if (greeting == 0 && holdsFrames()) {
            var _ = context().execute(this::proceed); // not within the batch that wrote the greeting
        } else {
            proceed();
        }
    }

    private void proceed() {
        if (greeting > 0 || deferred) {
            return;
        }
        resume();
        if (greeting == 0 && !holds() && !channel().channel().config().isAutoRead()) {
            channel().channel().config().setAutoRead(true);
        }
    }
}
