package dev.reverb.server.transport;

import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** A channel handler with one time-out, kept in its loop's {@link TimerRing}. */
abstract class TimedHandler extends ChannelInboundHandlerAdapter {

    @Nullable
    TimedHandler next;
    @Nullable
    TimedHandler previous;
    int due;
    boolean set;

    /** The time-out has passed; loop thread. */
    abstract void onDue();
}
