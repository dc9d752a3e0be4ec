package dev.reverb.server.cluster.redis.base;

import dev.reverb.server.cluster.Webhooks;
import java.util.List;
import java.util.function.IntConsumer;

/** Who is told of what happens, from {@link #serve} on. Any thread may read it. */
public final class WebhookPort {

    private volatile Webhooks served = Webhooks.NONE;
    private volatile IntConsumer waiting = _ -> {};

    /** @param waiting receives, on the cluster's thread, partitions in which something waits now, or may soon */
    public void serve(Webhooks webhooks, IntConsumer waiting) {
        this.waiting = waiting;
        this.served = webhooks;
    }

    public Webhooks served() {
        return served;
    }

    /** What {@code write.lua} replied: with a third element of 1, something waits. */
    public void written(int partition, List<Object> reply) {
        if (reply.size() > 2 && (Long) reply.get(2) == 1) {
            waiting.accept(partition);
        }
    }
}
