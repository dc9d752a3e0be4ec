package dev.reverb.operator.scale;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Scales on connections by the rules of a HorizontalPodAutoscaler: up at once, down when a lower need has lasted a
 * whole
 * window, one server at a time, and not at all within a tolerance of ten percent. Needs are remembered for the window
 * only; after a restart of the operator a whole window passes before anything is removed.
 */
public final class BuiltinScaler {
    private static final double TOLERANCE = 0.1;

    private final Deque<Need> needs = new ArrayDeque<>();
    private @Nullable Instant began;

    private record Need(Instant at, int servers) {}

    /**
     * What is asked for.
     *
     * @param least fewest servers
     * @param most most servers
     * @param target connections per server
     * @param window how long a lower need has to last
     */
    public record Target(int least, int most, int target, Duration window) {}

    /**
     * How many servers there shall be.
     *
     * @param current servers wanted until now
     * @param steady whether exactly that many exist, all of them ready: only then is one removed
     * @param connections over all ready servers; empty when not all of them answered, which changes nothing
     */
    public int wanted(Target target, int current, boolean steady, OptionalLong connections, Instant now) {
        int bounded = Math.clamp(current, target.least(), target.most());
        if (connections.isEmpty()) {
            return bounded;
        }
        int need = need(target, bounded, connections.getAsLong());
        if (began == null) {
            began = now;
        }
        while (!needs.isEmpty() && !needs.getFirst().at().plus(target.window()).isAfter(now)) {
            needs.removeFirst();
        }
        while (!needs.isEmpty() && needs.getLast().servers() <= need) {
            // the window asks for its maximum only, so a smaller need before this one no longer matters
            needs.removeLast();
        }
        needs.addLast(new Need(now, need));
        if (need > bounded) {
            return need;
        }
        boolean whole = !began.plus(target.window()).isAfter(now);
        int lasting = needs.getFirst().servers();
        return whole && steady && lasting < bounded ? bounded - 1 : bounded;
    }

    /**
     * How many servers there shall be while not all of them answer: more when those that do need more, fewer never.
     *
     * @param current servers wanted until now
     * @param connections over those that answered
     */
    public int atLeast(Target target, int current, long connections) {
        int bounded = Math.clamp(current, target.least(), target.most());
        return Math.max(bounded, need(target, bounded, connections));
    }

    private static int need(Target target, int current, long connections) {
        double ratio = current == 0 ? 2 : connections / ((double) target.target() * current);
        if (Math.abs(ratio - 1) <= TOLERANCE) {
            return current;
        }
        long servers = (connections + target.target() - 1) / target.target();
        return Math.clamp(servers, target.least(), target.most());
    }
}
