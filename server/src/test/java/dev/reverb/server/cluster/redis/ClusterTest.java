package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterContract;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.testkit.Await;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A Redis Cluster of six: its contract, a slot that moves, a primary that dies. */
@Tag("slow")
final class ClusterTest {

    private static @Nullable SixNodes redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = SixNodes.start();
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    private static SixNodes redis() {
        if (redis == null) {
            throw new IllegalStateException();
        }
        return redis;
    }

    @Nested
    final class Contract extends ClusterContract {
        @Override
        protected Cluster start(ClusterEvents events, Balance balance) {
            return Configs.connected(redis().config(), events, balance);
        }
    }

    @Nested
    @Tag("long")
    final class Moves extends Faults {

        private Fleet three() {
            return track(new Fleet(40, LinkFault.NONE, List.of(redis().config(), redis().config(), redis().config())));
        }

        @Test
        void nothingIsLostOrDoubledWhenSlotsMove() throws Exception {
            Fleet fleet = three();
            List<Publisher> publishers = publishers(fleet, 100);
            progress(publishers, 60);
            for (int i = 0; i < 6; i++) {
                redis().moveSlotOf(new Keyspace("test", 0).topic(Keyspace.partition(fleet.channels.get(i))));
                progress(publishers, 20);
            }
            progress(publishers, 60);
            stop(publishers);
            fleet.exact(publishers);
        }

        @Test
        void nothingIsLostOrDoubledWhenAPrimaryDies() throws Exception {
            Fleet fleet = three();
            List<Publisher> publishers = publishers(fleet, 100);
            progress(publishers, 60);
            String before = redis().primaries();
            redis().killAPrimary();
            Await.until(LONG, () -> "no fail-over", () -> !redis().primaries().equals(before) && redis().ok());
            progress(publishers, 200);
            stop(publishers);
            fleet.exact(publishers);
            assertTrue(fleet.nodes.stream().allMatch(n -> n.linkUp()));
        }
    }
}
