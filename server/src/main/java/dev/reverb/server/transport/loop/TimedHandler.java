package dev.reverb.server.transport.loop;

import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** A channel handler with one time-out, kept in its loop's {@link TimerWheel}. */
public abstract class TimedHandler extends ChannelInboundHandlerAdapter {

    @Nullable
    TimedHandler next;
    @Nullable
    TimedHandler previous;
    int due;
    boolean set;

    /** The time-out has passed; loop thread. */
    public abstract void onDue();
}
