package dev.reverb.server.transport.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
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
    private long nanos;
    private final TurnBudget budget = new TurnBudget(tasks::add, TurnBudget.FURTHER, () -> nanos);
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
    void whoWaitsTakesNoMoreTimeOfATurnThanThereIs() {
        for (int i = 0; i < 10; i++) {
            budget.next(() -> {
                nanos += 3_000_000; // as code that was never run before
                served.add(1);
            });
        }
        budget.ended();
        assertEquals(2, runTurn(), "4 ms are used up by two");
        assertEquals(2, runTurn());
    }

    @Test
    void greetingsOfATurnAreBoundedInBytesAndTheOthersComeInTheirOrder() {
        List<Integer> greeted = new ArrayList<>();
        assertTrue(budget.greets());
        budget.greeted(TurnBudget.GREETINGS);
        assertFalse(budget.greets(), "this turn's bytes are used up");
        for (int i = 0; i < 5; i++) {
            int one = i;
            budget.greetNext(() -> {
                greeted.add(one);
                budget.greeted(TurnBudget.GREETINGS / 2);
            });
        }
        runTurn();
        runTurn();
        assertEquals(List.of(0, 1), greeted);
        assertFalse(budget.greets(), "others wait");
        runTurn();
        runTurn();
        assertEquals(List.of(0, 1, 2, 3, 4), greeted);
        runTurn();
        assertTrue(budget.greets());
    }

    /** What many connections have sent stays in their sockets when memory outside the heap is short. */
    @Test
    void readsAreSmallWhileMemoryIsScarce() {
        TurnReads reads = new TurnReads(budget);
        @SuppressWarnings("deprecation")
        var handle = reads.newHandle();
        PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
        assertEquals(2_048, readable(handle, allocator));
        List<ByteBuf> held = new ArrayList<>();
        try {
            for (long left = PlatformDependent.maxDirectMemory() / 4; left >= 0; left -= 4 << 20) {
                held.add(allocator.directBuffer(4 << 20));
            }
            assertEquals(2_048, readable(handle, allocator), "it looks once a turn");
            budget.ended();
            assertEquals(TurnBudget.LEAST_READ, readable(handle, allocator));
        } finally {
            held.forEach(ByteBuf::release);
        }
        budget.ended();
        assertEquals(2_048, readable(handle, allocator));
    }

    @SuppressWarnings("deprecation")
    private static int readable(RecvByteBufAllocator.Handle handle, ByteBufAllocator allocator) {
        ByteBuf buffer = handle.allocate(allocator);
        try {
            return buffer.writableBytes();
        } finally {
            buffer.release();
        }
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
