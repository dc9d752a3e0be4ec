package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Some nodes of one cluster, each with all channels attached, and the check that they receive everything once, in
 * order.
 */
final class Fleet implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(45);

    final List<RedisCluster> nodes = new ArrayList<>();
    final List<RecordingEvents> events = new ArrayList<>();
    final List<ChannelId> channels;
    private final LinkFault fault;

    Fleet(int channels, LinkFault fault, List<ScalingConfig> configs) {
        this.fault = fault;
        this.channels = IntStream.range(0, channels).mapToObj(i -> new ChannelId("app", "c-" + i)).toList();
        configs.forEach(this::add);
    }

    /** One more node, when it has reached Redis and attached everything. */
    void add(ScalingConfig config) {
        RecordingEvents recording = new RecordingEvents();
        RedisCluster node = fault.start(config, recording, () -> 0, Balance.NONE);
        nodes.add(node);
        events.add(recording);
        Await.until(PATIENCE, () -> "Redis not reached", node::linkUp);
        for (ChannelId channel : channels) {
            node.broker().attach(channel);
        }
        for (ChannelId channel : channels) {
            Await.until(PATIENCE, () -> "not attached", () -> !recording.attached(channel).isEmpty());
        }
    }

    /** How many messages of {@code publishers} have arrived at node {@code i}, or 0 missing: see {@link #exact}. */
    private int missing(int i, List<Publisher> publishers) {
        int missing = 0;
        for (ChannelId channel : channels) {
            for (int p = 0; p < publishers.size(); p++) {
                if (p != i) {
                    missing += publishers.get(p).accepted(channel).size();
                }
            }
            missing -= events.get(i).count(channel);
        }
        return missing;
    }

    /** Publisher {@code i} published at node {@code i}: all other nodes received all of it, once, in order. */
    void exact(List<Publisher> publishers) {
        for (int i = 0; i < nodes.size(); i++) {
            int node = i;
            Await.until(PATIENCE,
                    () -> missing(node, publishers) + " missing at node " + node + " " + nodes.get(node).statistics(),
                    () -> missing(node, publishers) == 0);
        }
        for (int i = 0; i < nodes.size(); i++) {
            for (ChannelId channel : channels) {
                List<String> heard = events.get(i).messages(channel);
                for (int p = 0; p < publishers.size(); p++) {
                    if (p != i) {
                        Publisher publisher = publishers.get(p);
                        assertEquals(publisher.accepted(channel), heard.stream().filter(publisher::isFrom).toList(),
                                "node " + i + " of publisher " + p + " in " + channel);
                    }
                }
            }
        }
        for (Publisher publisher : publishers) {
            Await.until(PATIENCE, () -> publisher.acknowledged() + " acknowledged of " + publisher.accepted(),
                    () -> publisher.acknowledged() == publisher.accepted());
        }
    }

    /** Whether everything arrives within {@code limit}. */
    boolean complete(Duration limit, List<Publisher> publishers) {
        return Await.holds(limit, () -> IntStream.range(0, nodes.size()).allMatch(i -> missing(i, publishers) == 0));
    }

    @Override
    public void close() {
        nodes.forEach(RedisCluster::close);
    }
}
