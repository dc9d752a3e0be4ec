package dev.reverb.server.cluster.redis.link;

import dev.reverb.server.cluster.redis.base.Scheduler;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.lettuce.core.resource.Transports;
import io.netty.channel.EventLoop;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns all state of this package and reads and writes Redis. Because Lettuce's connections live
 * on it
 * too, a reply is handled where the state is, with no hand-over; and because tasks queue up while it is busy, whatever
 * arrives meanwhile goes out in one batch. Any thread may call {@link #execute} and {@link #schedule}.
 */
public final class ClusterEventLoop implements Scheduler {

    private static final Logger log = LoggerFactory.getLogger(ClusterEventLoop.class);

    static {
        // Lettuce would warn at every connection that it had the choice.
        if (System.getProperty("io.lettuce.core.iouring") == null) {
            System.setProperty("io.lettuce.core.iouring", "false");
        }
    }

    private static final long QUIET_MILLIS = 1;

    private final DefaultEventLoopGroupProvider groups = new DefaultEventLoopGroupProvider(1);
    private final EventLoop thread = groups.allocate(Transports.eventLoopGroupClass()).next();
    private final ClientResources resources = ClientResources.builder()
            .eventLoopGroupProvider(groups)
            .computationThreadPoolSize(2)
            .addressResolverGroup(DefaultAddressResolverGroup.INSTANCE)
            .build();

    ClientResources resources() {
        return resources;
    }

    /** Whether the caller is on this thread. */
    boolean here() {
        return thread.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(() -> guard(task));
    }

    @Override
    public void schedule(Runnable task, Duration delay) {
        var _ = thread.schedule(() -> guard(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public Repetition every(Duration period, Runnable task) {
        Future<?> repeated = thread.scheduleWithFixedDelay(() -> guard(task), period.toNanos(), period.toNanos(),
                TimeUnit.NANOSECONDS);
        return () -> repeated.cancel(false);
    }

    /** What one task does wrong ends neither the loop nor a repetition: Netty would end that without a word. */
    static void guard(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) { // an Error too: a heartbeat that is not repeated is a node that the others remove
            log.error("a task between nodes failed", e);
        }
    }

    /** Ends the thread, once what it runs now has ended, and the connections on it. */
    public void close() {
        var _ = resources.shutdown(0, 1, TimeUnit.SECONDS);
        // Without a quiet time Netty ends a loop that is ended on its own thread in the same round, before it closes
        // what is connecting: the socket and its buffer would stay.
        var _ = groups.shutdown(QUIET_MILLIS, 1_000, TimeUnit.MILLISECONDS);
    }
}
