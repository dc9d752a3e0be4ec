package dev.reverb.server.cluster.redis.log.write;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.frame.Frame;
import java.util.ArrayDeque;

/**
 * Frames of one partition that are written, oldest first: kept for the retention, within a bound for all partitions,
 * should Redis lose them. Cluster thread only.
 */
final class RetainedFrames {

    private final ClusterNode node;
    private final WriteBudget budget;
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();
    private long last;

    RetainedFrames(ClusterNode node, WriteBudget budget) {
        this.node = node;
        this.budget = budget;
    }

    /** The last that was ever written; 0 for none. */
    long last() {
        return last;
    }

    void add(Frame frame) {
        last = Math.max(last, frame.sequence);
        frame.writtenAt = node.clock().nanos();
        node.logs().wrote(frame.bytes);
        frames.add(frame);
        budget.retain(frame.bytes);
        release();
    }

    /** Forgets what is too old, or too much. */
    void release() {
        long deadline = node.clock().nanos() - node.timing().retention().toNanos();
        while (!frames.isEmpty()
                && (frames.getFirst().writtenAt < deadline || budget.retained() > node.limits().retained())) {
            budget.release(frames.removeFirst().bytes);
        }
    }

    /** Puts those after {@code applied} before what is unsent, to be written again; how many they are. */
    long rewind(long applied, ArrayDeque<Frame> unsent) {
        long again = 0;
        while (!frames.isEmpty() && frames.getLast().sequence > applied) {
            Frame frame = frames.removeLast();
            budget.release(frame.bytes);
            unsent.addFirst(frame.again());
            again++;
        }
        return again;
    }
}
