package dev.reverb.server.cluster.redis.log.write;

import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.fault.RedisFault;
import dev.reverb.server.cluster.redis.fault.RefusalLog;
import dev.reverb.server.cluster.redis.frame.Frame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a partition's frame that Redis answers with an error while the link is up. Most errors pass,
 * and the frame is sent again. A script that fails over the same frame again and again would hold up its partition for
 * ever: what changes members and counts is left out first (it is asserted whole later), and what still fails is set
 * aside. Cluster thread only, but for {@link #refused}.
 */
final class FrameFailures {

    private static final Logger log = LoggerFactory.getLogger(FrameFailures.class);
    /** With the writer's back-off: about five seconds. */
    static final int ATTEMPTS = 7;

    /** Partitions that Redis refuses though the link is up hold this part of what may be held; all of them, half. */
    private static final int REFUSED_SHARE = 8;

    /** What to do with the frame. */
    enum Decision {
        SEND_AGAIN, LEAVE_STATE_OUT, SET_ASIDE
    }

    private final String part;
    private final RefusalLog refusals;
    private int attempts;
    private volatile boolean refused;

    FrameFailures(int partition, RefusalLog refusals) {
        this.part = "partition " + partition;
        this.refusals = refusals;
    }

    /**
     * Whether this partition holds its share of what may be held, {@code most} bytes: it alone or all that are refused
     * while others are served. Any thread.
     *
     * @param here bytes that wait in this partition
     * @param held bytes that wait in all
     */
    boolean shareIsHeld(long here, long held, long most) {
        return refused && (here > most / REFUSED_SHARE || held > most / 2);
    }

    void written() {
        attempts = 0;
        if (refused) {
            refused = false;
            refusals.served(part);
        }
    }

    Decision failed(Frame frame, RedisError error) {
        refused = true;
        refusals.refused(part, error);
        boolean failsAlways = error.fault() == RedisFault.SCRIPT || error.fault() == RedisFault.WRONGTYPE;
        if (!failsAlways || ++attempts < ATTEMPTS) {
            return Decision.SEND_AGAIN;
        }
        if (frame.changesState()) {
            attempts = 0;
            log.error("{}: frame {} of this node fails again and again ({}); its changes of members and counts are"
                    + " left out and asserted later", part, frame.sequence, error);
            return Decision.LEAVE_STATE_OUT;
        }
        if (error.fault() == RedisFault.WRONGTYPE) {
            return Decision.SEND_AGAIN; // the partition's own keys: no frame would do better
        }
        attempts = 0;
        log.error(
                "{}: frame {} of this node is set aside with {} publications, {} bytes: Redis fails over it again"
                        + " and again ({}); the other nodes do not get them",
                part, frame.sequence, frame.publications, frame.bytes, error);
        return Decision.SET_ASIDE;
    }
}
