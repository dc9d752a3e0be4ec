package dev.reverb.server.transport.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one turn of a loop does, however much waits; turns are counted, not timed. */
class TurnBudgetTest {

    private static final int PEERS = 1_000;
    private static final int REQUESTS = 100;

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final TurnBudget budget = new TurnBudget(tasks::add, TurnBudget.FURTHER);
    private final List<Integer> served = new ArrayList<>();

    /** A connection with requests one behind the other. */
    private final class Peer {
        private final int name;
        private int left = REQUESTS;

        Peer(int name) {
            this.name = name;
        }

        void turn() {
            boolean first = true;
            while (left > 0) {
                if (!first && !budget.further()) {
                    budget.next(this::turn);
                    return;
                }
                first = false;
                left--;
                served.add(name);
            }
        }
    }

    private int runTurn() {
        int before = served.size();
        for (int i = tasks.size(); i > 0; i--) {
            tasks.remove().run();
        }
        budget.ended();
        return served.size() - before;
    }

    @Test
    void noTurnServesMoreThanOneRequestOfEachWhoComesAndTheBudget() {
        for (int i = 0; i < PEERS; i++) {
            tasks.add(new Peer(i)::turn);
        }
        assertEquals(PEERS + TurnBudget.FURTHER, runTurn());
        int turns = 0;
        while (served.size() < PEERS * REQUESTS) {
            int now = runTurn();
            assertTrue(now > 0 && now <= TurnBudget.FURTHER + 1, "a turn served " + now);
            turns++;
        }
        assertTrue(turns <= 2 * PEERS * REQUESTS / TurnBudget.FURTHER, "turns: " + turns);
        assertEquals(0, runTurn());
    }

    @Test
    void whoWaitsIsServedInTheOrderOfWaiting() {
        for (int i = 0; i < 200; i++) {
            tasks.add(new Peer(i)::turn);
        }
        runTurn();
        served.clear();
        for (int i = 0; i < 200; i++) {
            runTurn();
        }
        assertEquals(200, new HashSet<>(served.subList(0, 200 * 64)).size(), "each has had a turn");
    }

    @Test
    void theMoreReadTheLessEachIsReadAndNeverNothing() {
        TurnReads reads = new TurnReads(budget);
        @SuppressWarnings("deprecation")
        var one = reads.newHandle();
        int calm = one.guess();
        assertEquals(2_048, calm);
        budget.ended();
        for (int i = 0; i < PEERS; i++) {
            budget.read();
        }
        budget.ended();
        assertEquals(TurnBudget.LEAST_READ, one.guess());
        budget.ended();
        assertEquals(calm, one.guess(), "and when it is calm again all is as before");
    }

    @Test
    void aReadIsAsLargeAsTheLastOnesWereFull() {
        TurnReads reads = new TurnReads(budget);
        @SuppressWarnings("deprecation")
        var handle = reads.newHandle();
        for (int i = 0; i < 10; i++) {
            int size = handle.guess();
            handle.attemptedBytesRead(size);
            handle.lastBytesRead(size);
        }
        assertEquals(64 * 1024, handle.guess());
        for (int i = 0; i < 30; i++) {
            handle.attemptedBytesRead(handle.guess());
            handle.lastBytesRead(100);
        }
        assertEquals(512, handle.guess());
    }
}
