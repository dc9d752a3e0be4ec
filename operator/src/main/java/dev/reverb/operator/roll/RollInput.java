package dev.reverb.operator.roll;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Everything that the next action depends on.
 *
 * @param wanted servers that there shall be when nothing rolls
 * @param surge whether a roll adds one first
 * @param replicas that the StatefulSet asks for now
 * @param partition of the StatefulSet now
 * @param currentRevision of servers below the partition
 * @param updateRevision of servers from the partition up
 * @param observed whether the StatefulSet's status speaks of its present spec
 * @param servers that exist
 * @param settled whether reconnects after the last change have settled
 * @param held whether a roll may not begin or go on
 * @param patience how long to wait for an old server that is not ready before going on
 * @param watch how long a new server has to stay ready before the next one is replaced
 * @param uncreatable whether the servers that are missing have been so for too long for them to be on their way
 * @param now the time
 */
public record RollInput(
        int wanted,
        boolean surge,
        int replicas,
        int partition,
        String currentRevision,
        String updateRevision,
        boolean observed,
        List<ServerState> servers,
        boolean settled,
        boolean held,
        Duration patience,
        Duration watch,
        boolean uncreatable,
        Instant now) {
    public RollInput {
        servers = List.copyOf(servers);
    }

    /** The same where nothing is watched and everything that is missing is on its way. */
    public RollInput(int wanted, boolean surge, int replicas, int partition, String currentRevision,
            String updateRevision, boolean observed, List<ServerState> servers, boolean settled, boolean held,
            Duration patience, Instant now) {
        this(wanted, surge, replicas, partition, currentRevision, updateRevision, observed, servers, settled, held,
                patience, Duration.ZERO, false, now);
    }
}
