package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.ChannelState;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.Control;
import dev.reverb.server.cluster.Member;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.config.ScalingConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A request to all nodes from a process that is none of them: it takes no lease and hears nothing. */
public final class ClusterRequest implements Link.Listener {

    /** How often to look whether it is written. */
    private static final Duration LOOK = Duration.ofMillis(10);

    private final Loop loop = new Loop();
    private final LocalNode node;
    private final Link link;
    private final Outbox outbox;
    private final Control control;
    private final CompletableFuture<Integer> nodes = new CompletableFuture<>();
    private volatile String problem = "no answer";

    private ClusterRequest(ScalingConfig config, Control control) {
        Timing timing = Timing.of(config);
        Tally tally = new Tally();
        this.control = control;
        node = new LocalNode(loop, new Keyspace(config.prefix(), config.redis().database()), timing, tally, new Deaf(),
                () -> 0, Bounds.ofHeap(), Switches.ON);
        link = Link.of(config.redis(), loop, tally, this, timing);
        outbox = new Outbox(Keyspace.CONTROL, node, link, new Budget(Long.MAX_VALUE), () -> {});
    }

    /**
     * Sends {@code control}; returns when it is written. Blocks.
     *
     * @param limit how long to try to reach Redis
     * @return how many nodes have it to carry out
     * @throws IOException when Redis is not reached in time
     */
    public static int send(ScalingConfig config, Control control, Duration limit)
            throws IOException, InterruptedException {
        ClusterRequest request = new ClusterRequest(config, control);
        try {
            request.loop.execute(request.link::start);
            return request.nodes.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Redis is not reached at " + config.redis().nodes() + " within " + limit.toSeconds()
                    + " s: " + request.problem, e);
        } finally {
            request.loop
                    .execute(() -> Calls.whenDone(request.loop, request.link.close(), (_, _) -> request.loop.close()));
        }
    }

    @Override
    public void onUp() {
        link.<Long>send(c -> c.zcard(node.keys.leases()), (count, e) -> {
            if (count == null) {
                problem = String.valueOf(e);
                return;
            }
            outbox.add(new Operation.Request(control));
            awaitWritten(count.intValue());
        });
    }

    private void awaitWritten(int count) {
        if (outbox.used() && outbox.idle()) {
            nodes.complete(count);
        } else {
            var _ = loop.schedule(() -> awaitWritten(count), LOOK);
        }
    }

    @Override
    public void onDown(Throwable cause) {
        problem = String.valueOf(cause.getMessage());
    }

    @Override
    public void onSubscribed(byte[] topic) {}

    @Override
    public void onSubscriptionLost(byte[] topic) {}

    @Override
    public void onMessage(byte[] topic, byte[] message) {}

    /** Has no channels. */
    private static final class Deaf implements ClusterEvents {

        @Override
        public void onAttached(ChannelId channel, ChannelState state) {}

        @Override
        public void onResync(ChannelId channel, ChannelState state) {}

        @Override
        public void onPublication(Publication publication) {}

        @Override
        public void onJoin(ChannelId channel, Member member) {}

        @Override
        public void onLeave(ChannelId channel, String owner, String userId) {}

        @Override
        public void onControl(Control request) {}
    }
}
