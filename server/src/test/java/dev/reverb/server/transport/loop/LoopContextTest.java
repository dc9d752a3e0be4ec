package dev.reverb.server.transport.loop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.channel.LoopChannels;
import dev.reverb.server.metrics.LoopMeters;
import dev.reverb.server.protocol.PreviousSecretUse;
import dev.reverb.testkit.Await;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoopContextTest {

    @Test
    void aTaskOfTheTickThatThrowsAnErrorEndsNeitherTheTickNorTheTasksBehindIt() {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            LoopMeters meters = new LoopMeters();
            EventLoop loop = (EventLoop) group.next();
            LoopContext context = new LoopContext(loop,
                    new LoopChannels(loop, UnpooledByteBufAllocator.DEFAULT, meters, false), meters,
                    new PreviousSecretUse());
            AtomicInteger behind = new AtomicInteger();
            context.onTick(() -> {
                throw new AssertionError("a task of the tick");
            });
            context.onTick(behind::incrementAndGet);
            long before = context.tickedNanos();
            context.start();
            Await.until("several ticks", () -> behind.get() >= 3);
            assertTrue(meters.faults() >= 3);
            assertTrue(context.tickedNanos() > before);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        }
    }
}
