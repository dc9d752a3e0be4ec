package dev.reverb.server.cluster.redis.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * What happens to a cluster, made from a seed.
 *
 * @param seed of delays and of the order in which things happen at the same time
 * @param nodes how many there are at the start
 * @param doubleEvery every so many messages of Redis one comes twice; 0 never
 * @param slots whether Redis is a Cluster, whose slots can move
 * @param steps in order of time
 */
record Story(long seed, int nodes, int doubleEvery, boolean slots, List<Step> steps) {

    /** An action and when it happens, milliseconds after the start. */
    record Step(int millis, Action action) {
        @Override
        public String toString() {
            return "%6d ms  %s".formatted(millis, action);
        }
    }

    static final int CHANNELS = 4;
    /** The channel whose last event is kept for those who come later. */
    static final int CACHED = 1;
    private static final int FIRST_MILLIS = 500;

    /** A story of {@code length} steps. */
    static Story of(long seed, int length) {
        SplittableRandom random = new SplittableRandom(seed * 31 + 7);
        int nodes = random.nextInt(2, 5);
        int channels = random.nextInt(1, CHANNELS + 1);
        int pace = random.nextInt(10, 400); // milliseconds between two steps, in the mean
        boolean lags = random.nextInt(8) == 0; // and no other faults
        boolean slots = !lags && random.nextInt(4) == 0;
        int faults = lags ? 10 : random.nextInt(0, 30); // of a hundred steps
        List<Step> steps = new ArrayList<>();
        int at = FIRST_MILLIS;
        for (int node = 0; node < nodes; node++) {
            steps.add(new Step(random.nextInt(FIRST_MILLIS), new Action.Attach(node, random.nextInt(channels))));
        }
        int node = 0;
        for (int i = 0; i < length; i++) {
            if (random.nextInt(5) > 0) { // else the same node does one more thing at the same moment
                at += random.nextInt(2 * pace);
                node = random.nextInt(nodes);
            }
            int channel = random.nextInt(channels);
            Action action = random.nextInt(100) >= faults ? ordinary(random, node, channel)
                    : lags ? new Action.Lag(node, channel, random.nextInt(10, 9000))
                            : fault(random, node, channel, slots);
            steps.add(new Step(at, action));
        }
        steps.sort(java.util.Comparator.comparingInt(Step::millis));
        return new Story(seed, nodes, random.nextInt(3) == 0 ? random.nextInt(2, 10) : 0, slots, steps);
    }

    /** Whether nothing goes wrong but that clients do not read. */
    boolean lagsOnly() {
        return steps.stream()
                .noneMatch(step -> !(step.action() instanceof Action.Lag) && step.action() instanceof Action.Fault);
    }

    private static Action ordinary(SplittableRandom random, int node, int channel) {
        String user = "u" + random.nextInt(3);
        return switch (random.nextInt(12)) {
            case 0 -> new Action.Attach(node, channel);
            case 1 -> new Action.Detach(node, channel);
            case 2 -> new Action.Join(node, channel, user);
            case 3 -> new Action.Leave(node, channel, user);
            case 4 -> new Action.Count(node, channel, random.nextInt(4));
            case 5 -> random.nextBoolean() ? new Action.Connect(node, random.nextBoolean() ? 0 : 5)
                    : new Action.Disconnect(node);
            default -> new Action.Publish(node, channel, random.nextInt(5) == 0 ? random.nextInt(2, 20) : 1);
        };
    }

    private static Action fault(SplittableRandom random, int node, int channel, boolean slots) {
        int millis = random.nextInt(4) == 0 ? random.nextInt(100, 9000) : random.nextInt(10, 800);
        return switch (random.nextInt(15)) {
            case 0, 1, 2 -> new Action.Cut(node, random.nextBoolean(), millis);
            case 3 -> new Action.Freeze(node, millis);
            case 4 -> new Action.Crash(node);
            case 5 -> new Action.Stop(node);
            case 6, 7 -> new Action.Start(node);
            case 8 -> new Action.RestartRedis(random.nextBoolean(), millis);
            case 9 -> new Action.FailOver(random.nextInt(1, 400), millis);
            case 10 -> new Action.FreezeRedis(millis);
            case 11 -> new Action.FillRedis(millis);
            case 12 -> new Action.ShiftRedisClock(random.nextInt(-5000, 5000));
            case 13 -> slots ? new Action.MoveSlot(channel, millis) : new Action.Lag(node, channel, millis);
            default -> new Action.Lag(node, channel, millis);
        };
    }

    /** The shortest story that one finds by leaving steps out while {@code fails} still holds. */
    Story shortest(Predicate<Story> fails) {
        Story story = this;
        for (int size = Math.max(1, steps.size() / 2); size >= 1; size /= 2) {
            for (int from = 0; from < story.steps.size();) {
                List<Step> fewer = new ArrayList<>(story.steps.subList(0, from));
                fewer.addAll(story.steps.subList(Math.min(from + size, story.steps.size()), story.steps.size()));
                Story shorter = new Story(seed, nodes, doubleEvery, slots, fewer);
                if (fails.test(shorter)) {
                    story = shorter;
                } else {
                    from += size;
                }
            }
        }
        return story;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("seed " + seed + ", " + nodes + " nodes"
                + (doubleEvery > 0 ? ", every " + doubleEvery + "th message comes twice" : "")
                + (slots ? ", a Cluster" : ""));
        steps.forEach(step -> text.append("\n  ").append(step));
        return text.toString();
    }
}
