package dev.reverb.server.cluster.redis.quota;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.ManualNode;
import dev.reverb.server.cluster.redis.base.ManualScheduler;
import dev.reverb.server.cluster.redis.link.ScriptedLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One application's quota without threads and without Redis. */
class ConnectionQuotaTest {

    private final ManualScheduler time = new ManualScheduler();
    private final ScriptedLink link = new ScriptedLink();
    private final ClusterNode node = ManualNode.of(time);
    private final List<Integer> totals = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();
    private final Quota quota = new Quota("app", node, link, Duration.ofMillis(10), totals::add,
            owner -> lost.add(owner));
    private final List<Boolean> decided = new ArrayList<>();

    @Test
    void connectionsOfOneTurnAreAskedForInOneMessage() {
        for (int i = 0; i < 3; i++) {
            quota.ask(2, decided::add);
        }
        time.run();
        ScriptedLink.Call call = link.take();
        assertEquals("3", call.argument(4));
        assertEquals("2", call.argument(5));
        call.reply(2L, 2L);
        assertEquals(List.of(true, true, false), decided);
        assertEquals(List.of(2), totals);
        assertTrue(link.idle());
    }

    @Test
    void countsThatGatherGoOutOnceAsAnAbsoluteNumber() {
        quota.admitted();
        quota.admitted();
        quota.left();
        time.advance(Duration.ofMillis(9));
        assertTrue(link.idle());
        time.advance(Duration.ofMillis(1));
        assertEquals("1", link.take().argument(3));
    }

    @Test
    void aLostAnswerIsAskedForAgainAndNobodyIsAnsweredTwice() {
        quota.ask(5, decided::add);
        time.run();
        link.take().fail();
        assertTrue(decided.isEmpty());
        time.advance(Duration.ofMillis(100));
        ScriptedLink.Call again = link.take();
        assertEquals("1", again.argument(4));
        again.reply(1L, 1L);
        assertEquals(List.of(true), decided);
    }

    @Test
    void withTheLinkDownTheLastKnownTotalDecides() {
        quota.ask(3, decided::add);
        time.run();
        link.take().reply(1L, 2L); // one more is elsewhere
        link.up(false);
        quota.ask(3, decided::add);
        quota.ask(3, decided::add);
        assertEquals(List.of(true, true, false), decided);
    }

    @Test
    void aReapedOwnerIsReportedAndWhoeverAskedIsAskedForAgainUnderTheNextOne() {
        String owner = node.identity().owner();
        quota.ask(5, decided::add);
        time.run();
        link.take().reply(-1L, 0L);
        assertEquals(List.of(owner), lost);
        assertTrue(decided.isEmpty());
        node.identity().nextEpoch();
        time.advance(Duration.ofMillis(10));
        ScriptedLink.Call again = link.take();
        assertEquals(node.identity().owner(), again.argument(1));
        again.reply(1L, 1L);
        assertEquals(List.of(true), decided);
    }

    @Test
    void theRemovalOfAnOwnerIsTriedUntilEveryApplicationIsDone() {
        Quotas quotas = new Quotas(node, link, lost::add);
        List<String> done = new ArrayList<>();
        quotas.remove("dead.1", () -> done.add("done"));
        link.takeCommand().reply(null);
        time.advance(Duration.ofSeconds(1));
        link.takeCommand().reply(Set.of("a".getBytes(UTF_8), "b".getBytes(UTF_8)));
        link.take().reply(0L, 0L);
        link.take().fail();
        assertTrue(done.isEmpty());
        time.advance(Duration.ofSeconds(1));
        link.take().reply(0L, 0L);
        assertEquals(List.of("done"), done);
    }
}
