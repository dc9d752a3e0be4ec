package dev.reverb.server.cluster.redis.log.read;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a reader has handed on of its partition's log, as it is now. Cluster thread only. */
public final class HandedFrames {

    private final FrameIntake intake;
    private final @Nullable Position position;

    HandedFrames(FrameIntake intake, @Nullable Position position) {
        this.intake = intake;
        this.position = position;
    }

    /** Whether the partition was read at least once. */
    public boolean started() {
        return position != null;
    }

    /**
     * Whether the frame of {@code origin} with that number, which stands at {@code millis} and {@code sequence} of the
     * log, was handed on: it will not be handed on again.
     */
    public boolean has(String origin, long frame, long millis, long sequence) {
        return intake.handed(origin, frame) || (position != null && position.covers(new Position(millis, sequence)));
    }

    /** Adds to a script's arguments each origin, and its last frame that was handed on. */
    public void lasts(List<byte[]> arguments) {
        intake.lasts(arguments);
    }
}
