package dev.reverb.server.cluster.redis.simulation;

import dev.reverb.server.cluster.redis.simulation.Story.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Interleavings that a reading of the code once found to go wrong, under the names that it gave them. */
enum NamedStories {
    /** A node that is frozen for longer than its lease has connections to count before it knows that it was reaped. */
    B3(2) {
        @Override
        void write(List<Step> to, SplittableRandom random) {
            to.add(new Step(500, new Action.Connect(0, 5)));
            to.add(new Step(510, new Action.Connect(1, 5)));
            to.add(new Step(2000, new Action.Freeze(0, 8000)));
            for (int i = 0; i < 3; i++) {
                to.add(new Step(2100 + random.nextInt(7900), new Action.Connect(0, 9)));
                to.add(new Step(9995 + random.nextInt(10), new Action.Connect(0, 9)));
            }
            if (random.nextBoolean()) { // else it removes itself what it wrote under its former name
                to.add(new Step(10_000 + random.nextInt(3), new Action.Crash(0)));
            }
        }
    },
    /** Two nodes publish cached events of one channel within a round trip. */
    B8(3) {
        @Override
        void write(List<Step> to, SplittableRandom random) {
            for (int node = 0; node < 3; node++) {
                to.add(new Step(100, new Action.Attach(node, Story.CACHED)));
            }
            for (int at = 1000; at < 2000; at += 100) {
                to.add(new Step(at + random.nextInt(4), new Action.Publish(0, Story.CACHED, 1)));
                to.add(new Step(at + random.nextInt(4), new Action.Publish(1, Story.CACHED, 1)));
            }
        }
    },
    /** Members, counts and requests while publications wait for a node that lags. */
    B10(3) {
        @Override
        void write(List<Step> to, SplittableRandom random) {
            for (int node = 0; node < 3; node++) {
                to.add(new Step(100, new Action.Attach(node, 0)));
            }
            to.add(new Step(1000, new Action.Lag(1, 0, 4500)));
            to.add(new Step(1100 + random.nextInt(50), new Action.Publish(0, 0, 3)));
            to.add(new Step(1400, new Action.Publish(0, 0, 3)));
            to.add(new Step(1400 + random.nextInt(3), new Action.Join(0, 0, "u1")));
            to.add(new Step(1450, new Action.Count(0, 0, 2)));
            to.add(new Step(1450 + random.nextInt(50), new Action.Ask(0)));
            to.add(new Step(1990, new Action.Waits(0)));
            to.add(new Step(2000, new Action.Look(2, 0)));
            to.add(new Step(2000, new Action.Look(1, 1))); // requests; members of channel 0 when it reads on
        }
    },
    /** A node is frozen for longer than its lease with frames under way in many partitions. */
    B11(3) {
        @Override
        void write(List<Step> to, SplittableRandom random) {
            for (int channel = 0; channel < Story.CHANNELS; channel++) {
                to.add(new Step(100, new Action.Attach(1, channel)));
                to.add(new Step(100, new Action.Attach(2, channel)));
                to.add(new Step(1000, new Action.Join(0, channel, "u1")));
                to.add(new Step(1000, new Action.Count(0, channel, 2)));
                to.add(new Step(1995 + random.nextInt(5), new Action.Publish(0, channel, 3)));
                to.add(new Step(1995 + random.nextInt(5), new Action.Join(0, channel, "u2")));
                to.add(new Step(3000 + random.nextInt(5000), new Action.Leave(0, channel, "u1")));
                to.add(new Step(3000 + random.nextInt(5000), new Action.Publish(0, channel, 2)));
            }
            to.add(new Step(2000, new Action.Freeze(0, 7000 + random.nextInt(2000))));
        }
    },
    /** A channel is left and entered again while its first read returns. */
    B12(2) {
        @Override
        void write(List<Step> to, SplittableRandom random) {
            for (int at = 500; at < 20_000; at += 2500) { // each time after the partition was left
                to.add(new Step(at, new Action.Attach(0, 0)));
                to.add(new Step(at + 1, new Action.Freeze(0, 12))); // its answer comes first, and is looked at last
                to.add(new Step(at + 6 + random.nextInt(4), new Action.Detach(0, 0)));
                to.add(new Step(at + 10, new Action.Attach(0, 0)));
                for (int i = 0; i < 20; i++) {
                    to.add(new Step(at + i, new Action.Publish(1, 0, 1)));
                }
                if (at < 17_000) {
                    to.add(new Step(at + 500, new Action.Detach(0, 0)));
                }
            }
        }
    },
    /** Members come and go between publications that wait for the same frame. */
    ORDER(2) {
        @Override
        void write(List<Step> to, SplittableRandom random) {
            to.add(new Step(100, new Action.Attach(1, 0)));
            for (int at = 1000; at < 3000; at += 200) {
                String user = "u" + random.nextInt(3);
                to.add(new Step(at, new Action.Publish(0, 0, 2)));
                to.add(new Step(at, random.nextBoolean() ? new Action.Join(0, 0, user) : new Action.Leave(0, 0, user)));
                to.add(new Step(at, new Action.Publish(0, 0, 2)));
            }
        }
    },
    /** Users come while the slot of their channel moves. */
    SLOTS(2) {
        @Override
        void write(List<Step> to, SplittableRandom random) {
            for (int channel = 0; channel < Story.CHANNELS; channel++) {
                to.add(new Step(100, new Action.Join(0, channel, "u0")));
                to.add(new Step(1000 + random.nextInt(100), new Action.MoveSlot(channel, 300)));
                to.add(new Step(1150 + random.nextInt(100), new Action.Join(1, channel, "u1")));
            }
        }
    },
    /** The clock of Redis is set forward, by less than a lease, while a node is away that has new subscribers. */
    SET_FORWARD(2) {
        @Override
        void write(List<Step> to, SplittableRandom random) {
            to.add(new Step(1000, new Action.Cut(0, false, 4000)));
            to.add(new Step(1500, new Action.Attach(0, 0)));
            for (int at = 2000; at < 3000; at += 100) {
                to.add(new Step(at + random.nextInt(100), new Action.Publish(1, 0, 1)));
            }
            to.add(new Step(3000 + random.nextInt(1000), new Action.ShiftRedisClock(1500 + random.nextInt(1400))));
        }
    };

    private final int nodes;

    NamedStories(int nodes) {
        this.nodes = nodes;
    }

    abstract void write(List<Step> to, SplittableRandom random);

    /** The story with the delays and moments of a seed. */
    Story of(long seed) {
        List<Step> steps = new ArrayList<>();
        write(steps, new SplittableRandom(seed));
        steps.sort(java.util.Comparator.comparingInt(Step::millis));
        return new Story(seed, nodes, 0, this == SLOTS, steps);
    }
}
