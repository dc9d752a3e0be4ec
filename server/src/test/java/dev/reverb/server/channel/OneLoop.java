package dev.reverb.server.channel;

import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.memory.MemoryCluster;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.metrics.LoopMeters;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Channels over one real event loop that a test can hold, with clients that keep what they are written. */
final class OneLoop implements AutoCloseable {

    /** Where a client fails. */
    enum Fault {
        WRITE, WRITE_ERROR, FLUSH
    }

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    final LoopMeters meters = new LoopMeters();
    volatile int largestBuffer = Integer.MAX_VALUE;
    private final List<ByteBuf> buffers = Collections.synchronizedList(new ArrayList<>());
    private final AbstractByteBufAllocator allocator = new AbstractByteBufAllocator(true) {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            if (initialCapacity > largestBuffer) {
                throw new OutOfMemoryError("as Netty's OutOfDirectMemoryError");
            }
            ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity);
            buffers.add(buffer);
            return buffer;
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    };
    final LoopChannels inbox;
    private final Settings settings = Settings.read(
            Map.of("REVERB_APP_ID", "app", "REVERB_APP_KEY", "key", "REVERB_APP_SECRET", "secret"), Optional.empty(),
            Overrides.none());
    final Channels channels = new Channels(settings.apps(), ChannelListener.NONE, _ -> {});
    private final AppChannels app;
    private @Nullable CountDownLatch held;
    private long lastId;

    OneLoop() {
        this(cluster -> cluster);
    }

    /** @param between makes what the channels see of the cluster */
    OneLoop(UnaryOperator<Cluster> between) {
        inbox = new LoopChannels((EventLoop) group.next(), allocator, meters, false);
        channels.join(between.apply(new MemoryCluster(channels, new LocalCounts(channels))));
        app = channels.of(Objects.requireNonNull(settings.apps().byId("app")));
    }

    /** Keeps the text of each message that it is written; fails where a test says so. */
    final class Client implements Recipient {

        private final long id;
        private final List<String> received = Collections.synchronizedList(new ArrayList<>());
        private @Nullable Subscription subscription;
        private volatile @Nullable Fault fault;
        private volatile boolean aborted;
        private boolean dirty;

        Client(long id) {
            this.id = id;
        }

        void fails(Fault where) {
            fault = where;
        }

        List<String> received() {
            return List.copyOf(received);
        }

        boolean aborted() {
            return aborted;
        }

        void end() {
            if (subscription != null) {
                channels.unsubscribe(subscription, Duration.ZERO);
            }
        }

        @Override
        public long socketId() {
            return id;
        }

        @Override
        public LoopChannels loop() {
            return inbox;
        }

        @Override
        public void write(ByteBuf frames) {
            try {
                Fault now = fault;
                if (now == Fault.WRITE) {
                    throw new IllegalStateException("a write");
                } else if (now == Fault.WRITE_ERROR) {
                    throw new OutOfMemoryError("a write");
                }
                while (frames.isReadable()) {
                    frames.skipBytes(1);
                    int length = frames.readUnsignedByte();
                    if (length == 126) {
                        length = frames.readUnsignedShort();
                    }
                    received.add(frames.readCharSequence(length, StandardCharsets.UTF_8).toString());
                }
            } finally {
                frames.release();
            }
        }

        @Override
        public void flush() {
            dirty = false;
            if (fault == Fault.FLUSH) {
                throw new IllegalStateException("a flush");
            }
        }

        @Override
        public void abort() {
            aborted = true;
            end();
        }

        @Override
        public boolean markDirty() {
            boolean was = dirty;
            dirty = true;
            return !was;
        }

        @Override
        public boolean hasSeveralChannels() {
            return false;
        }

        @Override
        public void sent(byte[] message) {}
    }

    /** A client that is subscribed to {@code channel}. */
    Client subscribe(String channel) throws Exception {
        Client client = new Client(++lastId);
        inbox.eventLoop().submit(() -> {
            client.subscription = channels.subscribe(app, channel, client, null, null);
        }).get(30, TimeUnit.SECONDS);
        return client;
    }

    /** Keeps the loop from running anything until {@link #goOn}. */
    void hold() {
        CountDownLatch latch = new CountDownLatch(1);
        held = latch;
        inbox.eventLoop().execute(() -> {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    void goOn() {
        if (held != null) {
            held.countDown();
        }
    }

    /** Waits until the loop has done what there was to do, and what came of it. */
    void await() throws Exception {
        for (int i = 0; i < 3; i++) {
            inbox.eventLoop().submit(() -> {}).get(30, TimeUnit.SECONDS);
        }
    }

    long buffersInUse() {
        return buffers.stream().filter(buffer -> buffer.refCnt() > 0).count();
    }

    @Override
    public void close() {
        goOn();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
