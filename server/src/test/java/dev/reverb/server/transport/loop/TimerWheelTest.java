package dev.reverb.server.transport.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerWheelTest {

    private final List<Throwable> faults = new ArrayList<>();
    private final TimerWheel ring = new TimerWheel(faults::add);

    private final class Probe extends TimedHandler {
        final List<Integer> calls = new ArrayList<>();
        Runnable then = () -> {};

        @Override
        public void onDue() {
            calls.add(ring.now());
            then.run();
        }
    }

    private void tick(int times) {
        for (int i = 0; i < times; i++) {
            ring.tick();
        }
    }

    @Test
    void whatIsSetIsCalledOnceInItsTick() {
        Probe probe = new Probe();
        ring.set(probe, 3);
        tick(1000);
        assertEquals(List.of(3), probe.calls);
    }

    @Test
    void aTimeIsNeverCutShortByTheTickUnderWay() {
        Probe probe = new Probe();
        ring.setAfter(probe, 1_000); // perhaps just before a tick
        tick(4);
        assertEquals(List.of(), probe.calls, "due before its time");
        tick(1);
        assertEquals(List.of(5), probe.calls);
    }

    @Test
    void aTimeOutThatFailsConcernsItselfAloneAndIsTriedAgain() {
        Probe before = new Probe();
        Probe broken = new Probe();
        Probe after = new Probe();
        broken.then = () -> {
            if (broken.calls.size() == 1) {
                throw new AssertionError("no memory, for example");
            }
        };
        ring.set(before, 3);
        ring.set(broken, 3);
        ring.set(after, 3);
        tick(1000);
        assertEquals(List.of(3), before.calls);
        assertEquals(List.of(3), after.calls);
        assertEquals(List.of(3, 7), broken.calls);
        assertEquals(1, faults.size());
    }

    @Test
    void furtherThanTheRingIsLongWaitsForItsRound() {
        Probe probe = new Probe();
        ring.set(probe, 1500);
        tick(1499);
        assertEquals(List.of(), probe.calls);
        tick(1);
        assertEquals(List.of(1500), probe.calls);
    }

    @Test
    void settingAgainMovesAndCancellingEnds() {
        Probe moved = new Probe();
        Probe cancelled = new Probe();
        ring.set(moved, 2);
        ring.set(cancelled, 2);
        ring.set(moved, 5);
        ring.cancel(cancelled);
        ring.cancel(cancelled);
        tick(10);
        assertEquals(List.of(5), moved.calls);
        assertEquals(List.of(), cancelled.calls);
    }

    @Test
    void whatIsDueTogetherMayCancelOrSetEachOther() {
        Probe first = new Probe();
        Probe second = new Probe();
        Probe third = new Probe();
        ring.set(first, 4);
        ring.set(second, 4);
        ring.set(third, 4);
        third.then = () -> {
            ring.cancel(second);
            ring.set(third, 1);
            third.then = () -> {};
        };
        tick(10);
        assertEquals(List.of(4), first.calls);
        assertEquals(List.of(), second.calls);
        assertEquals(List.of(4, 5), third.calls);
    }

    @Test
    void agreesWithAPlainMap() {
        Random random = new Random(3);
        List<Probe> probes = new ArrayList<>();
        Map<Probe, Integer> expected = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            probes.add(new Probe());
        }
        for (int step = 0; step < 5000; step++) {
            Probe probe = probes.get(random.nextInt(50));
            if (random.nextInt(4) == 0) {
                ring.cancel(probe);
                expected.remove(probe);
            } else {
                int ticks = random.nextInt(1, 700);
                ring.set(probe, ticks);
                expected.put(probe, ring.now() + ticks);
            }
            ring.tick();
            for (Probe each : probes) {
                boolean due = Integer.valueOf(ring.now()).equals(expected.get(each));
                assertEquals(due, !each.calls.isEmpty() && each.calls.getLast() == ring.now());
                if (due) {
                    expected.remove(each);
                }
            }
        }
    }
}
