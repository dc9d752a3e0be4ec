package dev.reverb.server.cluster.redis.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.ManualNode;
import dev.reverb.server.cluster.redis.base.ManualScheduler;
import dev.reverb.server.cluster.redis.base.RedisClock;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.flow.ConsumerLag;
import dev.reverb.server.cluster.redis.link.ScriptedLink;
import dev.reverb.server.cluster.redis.log.read.EntryDispatcher;
import dev.reverb.server.cluster.redis.log.read.PartitionReader;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a sweep reports of partitions, without threads and without Redis. */
final class SweepTest {

    private static final int PARTITIONS = 6;

    private final ManualScheduler time = new ManualScheduler();
    private final ScriptedLink link = new ScriptedLink();
    private final ClusterNode node = ManualNode.of(time);
    private final PartitionWriter[] writers = new PartitionWriter[PARTITIONS];
    private final PartitionReader[] readers = new PartitionReader[PARTITIONS];
    private final Sweep sweep;

    SweepTest() {
        ConsumerLag lag = new ConsumerLag(() -> 0, node.limits(), time);
        EntryDispatcher dispatcher = new EntryDispatcher(node, new RecordingEvents(), _ -> {}, lag, (_, _) -> {});
        for (int p = 0; p < PARTITIONS; p++) {
            writers[p] = new PartitionWriter(p, node, link, new WriteBudget(1000), _ -> {});
            readers[p] = new PartitionReader(p, node, link, new RedisClock(time), lag, dispatcher);
        }
        sweep = new Sweep(node, link, writers, readers);
    }

    /** One sweep whose every partition answers with so many bytes of its log, and the report of it. */
    private String sweep(long bytes, List<?> histories) {
        sweep.run();
        while (!link.idle()) {
            link.take().reply(Keyspace.bytes(0), Keyspace.bytes(0), bytes, histories, new byte[0]);
        }
        return new String(sweep.sizes(), UTF_8);
    }

    private static List<Integer> partitions(String sizes) {
        return sizes.isEmpty() ? List.of()
                : List.of(sizes.split(" ", -1))
                        .stream()
                        .filter(one -> !one.isEmpty())
                        .map(one -> Integer.valueOf(one.substring(0, one.indexOf(':'))))
                        .toList();
    }

    @Test
    void whatOthersMayHaveReportedIsReportedAsEmptyInTurnEveryPartition() {
        Set<Integer> logs = new HashSet<>();
        Set<String> histories = new HashSet<>();
        for (int beat = 0; beat < PARTITIONS; beat++) {
            logs.addAll(partitions(sweep(0, List.of())));
            histories.addAll(List.of(new String(sweep.histories(), UTF_8).split("\n", -1)));
        }
        assertEquals(Set.of(0, 1, 2, 3, 4, 5), logs);
        histories.remove("");
        assertEquals(Set.of("0", "1", "2", "3", "4", "5"), histories);
    }

    @Test
    void aPartitionThatIsLookedAtEachTimeIsReportedAsEmptyOnceItIsAndThenInTurns() {
        readers[3].attach(channel(3), 1, false);
        while (!link.idle()) {
            link.take().fail();
        }
        assertEquals(List.of(1, 3), partitions(sweep(7, List.of())));
        List<Integer> reported = new ArrayList<>();
        assertEquals(List.of(2, 3), partitions(sweep(0, List.of())), "it is empty now");
        for (int beat = 0; beat < 4 * PARTITIONS; beat++) {
            reported.addAll(partitions(sweep(0, List.of())));
        }
        long times = reported.stream().filter(p -> p == 3).count();
        assertTrue(times >= 4 && times < 4 * PARTITIONS / 2, reported::toString);
        assertTrue(partitions(sweep(9, List.of())).contains(3), "it is not any more");
    }

    private static ChannelId channel(int partition) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> new ChannelId("app", "c" + i))
                .filter(one -> Keyspace.partition(one) == partition)
                .findFirst()
                .orElseThrow();
    }
}
