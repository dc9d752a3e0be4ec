package dev.reverb.bench.floor;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is subscribed to what. Channels are found by the digits that their names end in. Touched by the one event loop
 * only.
 */
final class FloorChannels {
    private static final class Subscribers {
        private ChannelHandlerContext[] contexts = new ChannelHandlerContext[4];
        private int count;
        private final List<ByteBuf> waiting = new ArrayList<>();
    }

    private final boolean merging;
    private final List<Subscribers> dirty = new ArrayList<>();
    private final Runnable flush = this::flush;
    private @Nullable Subscribers[] channels = new Subscribers[256];

    /** @param merging whether publications that wait together go out in one write per subscriber */
    FloorChannels(boolean merging) {
        this.merging = merging;
    }

    void subscribe(int channel, ChannelHandlerContext context) {
        if (channel >= channels.length) {
            channels = Arrays.copyOf(channels, Math.max(channel + 1, channels.length * 2));
        }
        Subscribers subscribers = channels[channel];
        if (subscribers == null) {
            subscribers = new Subscribers();
            channels[channel] = subscribers;
        }
        if (subscribers.count == subscribers.contexts.length) {
            subscribers.contexts = Arrays.copyOf(subscribers.contexts, subscribers.count * 2);
        }
        subscribers.contexts[subscribers.count++] = context;
    }

    void unsubscribe(int channel, ChannelHandlerContext context) {
        Subscribers subscribers = find(channel);
        if (subscribers != null) {
            for (int i = 0; i < subscribers.count; i++) {
                if (subscribers.contexts[i].equals(context)) {
                    subscribers.contexts[i] = subscribers.contexts[--subscribers.count];
                    return;
                }
            }
        }
    }

    /** Sends a frame to every subscriber but {@code except}; takes the frame over. */
    void publish(int channel, ByteBuf frame, @Nullable ChannelHandlerContext except, EventLoop loop) {
        Subscribers subscribers = find(channel);
        if (subscribers == null) {
            frame.release();
        } else if (merging && except == null) {
            if (subscribers.waiting.isEmpty()) {
                if (dirty.isEmpty()) {
                    loop.execute(flush);
                }
                dirty.add(subscribers);
            }
            subscribers.waiting.add(frame);
        } else {
            send(subscribers, frame, except);
        }
    }

    // a void promise has no result to look at
    @SuppressWarnings("FutureReturnValueIgnored")
    private static void send(Subscribers subscribers, ByteBuf frame, @Nullable ChannelHandlerContext except) {
        ChannelHandlerContext[] contexts = subscribers.contexts;
        int count = subscribers.count;
        frame.retain(count);
        for (int i = 0; i < count; i++) {
            if (!contexts[i].equals(except)) {
                contexts[i].writeAndFlush(frame.duplicate(), contexts[i].voidPromise());
            } else {
                frame.release();
            }
        }
        frame.release();
    }

    private void flush() {
        for (Subscribers subscribers : dirty) {
            ByteBuf joined = subscribers.waiting.getFirst();
            if (subscribers.waiting.size() > 1) {
                joined = joined.alloc().directBuffer(joined.readableBytes() * subscribers.waiting.size());
                for (ByteBuf frame : subscribers.waiting) {
                    joined.writeBytes(frame);
                    frame.release();
                }
            }
            subscribers.waiting.clear();
            send(subscribers, joined, null);
        }
        dirty.clear();
    }

    private @Nullable Subscribers find(int channel) {
        return channel < channels.length ? channels[channel] : null;
    }
}
