package dev.reverb.server.cluster;

import java.util.Map;

/**
 * What this node's link to the others has done since its start; counters but for the first six, which are as of now.
 *
 * @param linkUp whether Redis is reached
 * @param nodes nodes with live leases, this one too; as of the last heartbeat
 * @param heldBytes of publications accepted and not yet written
 * @param retainedBytes of what is kept to be written again
 * @param laggingPartitions partitions in which this node's connections do not keep up
 * @param backlogBytes publications that wait for this node's connections
 * @param outages times that the link was lost
 * @param commands sent to Redis
 * @param published publications written
 * @param received frames of other nodes handed on
 * @param duplicates frames recognised and dropped
 * @param recoveries reads of a log after a gap or an outage
 * @param recovered frames handed on from a log rather than a message
 * @param histories times that a log did not have the last known entry
 * @param replayed frames written again because Redis had lost them
 * @param refused batches refused
 * @param overShare of these, because an application had put its share into the log
 * @param logBytes of the logs of all partitions, as of the last heartbeat
 * @param reaped dead owners whose entries this node removed
 * @param lapsed times that this node's own lease had ended
 * @param skipped frames and entries from Redis that this node could not read
 * @param stalledPartitions partitions that Redis takes nothing for, as of now
 * @param setAside frames given up because Redis failed over them again and again
 * @param errors by code of the catalogue, all codes, how often Redis answered with it or was not reached
 */
public record ClusterStatistics(
        boolean linkUp,
        int nodes,
        long heldBytes,
        long retainedBytes,
        int laggingPartitions,
        long backlogBytes,
        long outages,
        long commands,
        long published,
        long received,
        long duplicates,
        long recoveries,
        long recovered,
        long histories,
        long replayed,
        long refused,
        long overShare,
        long logBytes,
        long reaped,
        long lapsed,
        long skipped,
        int stalledPartitions,
        long setAside,
        Map<String, Long> errors) {}
