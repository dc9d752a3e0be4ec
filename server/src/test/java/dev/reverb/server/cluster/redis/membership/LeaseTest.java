package dev.reverb.server.cluster.redis.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.ManualNode;
import dev.reverb.server.cluster.redis.base.ManualScheduler;
import dev.reverb.server.cluster.redis.base.RedisClock;
import dev.reverb.server.cluster.redis.link.ScriptedLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One node's lease without threads and without Redis. */
class LeaseTest {

    private final ManualScheduler time = new ManualScheduler();
    private final ScriptedLink link = new ScriptedLink();
    private final ClusterNode node = ManualNode.of(time);
    private final List<String> happened = new ArrayList<>();
    private List<String> live = List.of();
    private final Map<String, Runnable> removals = new HashMap<>();
    private final Lease lease = new Lease(node, link, new RedisClock(time), () -> happened.add("confirmed"),
            error -> happened.add("refused"), () -> happened.add("lost"), removals::put, alive -> {}, Balance.NONE,
            () -> new byte[0], () -> new byte[0]);

    private void answer(ScriptedLink.Call call, long alive, String... expired) {
        call.reply(alive, 2L, Stream.of(expired).map(name -> (Object) name.getBytes(UTF_8)).toList(), time.millis(), 2L,
                0L, 0L, 0L, 0L, live.stream().map(name -> (Object) name.getBytes(UTF_8)).toList(), 0L, List.of());
    }

    @Test
    void aNodeRegistersOnceAndThenBeats() {
        lease.linkUp();
        ScriptedLink.Call first = link.take();
        assertEquals("first", first.argument(4));
        answer(first, 1);
        lease.beat();
        assertEquals("beat", link.take().argument(4));
        assertEquals(List.of("confirmed"), happened);
    }

    @Test
    void whoseLeaseEndedTakesTheNextEpochAndRegistersThat() {
        lease.linkUp();
        answer(link.take(), 1);
        lease.beat();
        String owner = node.identity().owner();
        answer(link.take(), 0);
        ScriptedLink.Call again = link.take();
        assertEquals("again", again.argument(4));
        assertEquals(owner.replace(".1", ".2"), again.argument(1));
        assertEquals(List.of("confirmed", "lost"), happened);
    }

    @Test
    void aNodeJudgesNobodyBeforeEveryHeartbeatOfAWholeLeaseWasAnswered() {
        lease.linkUp();
        answer(link.take(), 1);
        time.advance(node.timing().lease());
        lease.beat();
        ScriptedLink.Call beat = link.take();
        assertEquals("0", beat.argument(3));
        beat.fail();
        time.advance(node.timing().lease());
        lease.beat();
        assertEquals("0", link.take().argument(3), "a heartbeat failed a lease ago");
    }

    @Test
    void anExpiredOwnerIsRemovedOnceAndThenReportedAsReaped() {
        lease.linkUp();
        answer(link.take(), 1);
        time.advance(node.timing().lease().plus(Duration.ofMillis(1)));
        lease.beat();
        answer(link.take(), 1, "dead.1");
        assertEquals(1, removals.size());
        lease.beat();
        answer(link.take(), 1, "dead.1");
        assertEquals(0, node.counters().reaped().sum());
        Objects.requireNonNull(removals.remove("dead.1")).run();
        ScriptedLink.Call reaped = link.take();
        assertEquals("reaped", reaped.argument(4));
        assertEquals("dead.1", reaped.argument(5));
        assertTrue(link.idle());
        assertEquals(1, node.counters().reaped().sum());
    }

    @Test
    void ofManyAnswersForOneOwnerOnlyTheFirstEndsItsEpoch() {
        lease.linkUp();
        answer(link.take(), 1);
        String owner = node.identity().owner();
        lease.leaseLost(owner);
        lease.leaseLost(owner);
        lease.leaseLost(owner);
        assertEquals(owner.replace(".1", ".2"), node.identity().owner());
        assertEquals(1, node.counters().lapsed().sum());
    }

    @Test
    void whoseLeaseIsLostRemovesItsOldEntriesAndNamesTheOwnersThatItKnows() {
        lease.linkUp();
        String owner = node.identity().owner();
        live = List.of(owner, "dead.3");
        answer(link.take(), 1);
        lease.beat();
        answer(link.take(), 0);
        assertEquals(Set.of(owner), removals.keySet());
        ScriptedLink.Call again = link.take();
        assertEquals(Set.of(owner, "dead.3"), Set.of(again.argument(12), again.argument(13)));
    }

    @Test
    void aNodeThatRetiresTakesNoOtherEpoch() {
        lease.linkUp();
        answer(link.take(), 1);
        String owner = node.identity().owner();
        lease.retire();
        lease.leaseLost(owner);
        assertEquals(owner, node.identity().owner());
        lease.beat();
        assertTrue(link.idle());
    }

    @Test
    void heartbeatsSayWhatTimeItShouldBeOnRedis() {
        lease.linkUp();
        ScriptedLink.Call first = link.take();
        assertEquals("", first.argument(8));
        answer(first, 1);
        long then = time.millis();
        time.advance(Duration.ofSeconds(3));
        time.setBack(Duration.ofHours(1));
        lease.beat();
        assertEquals(String.valueOf(then + 3_000), link.take().argument(8));
    }
}
