package dev.reverb.operator.roll;

import java.time.Instant;

/**
 * One server's pod as it is observed.
 *
 * @param ordinal its number in the StatefulSet
 * @param revision of the template that it was made from
 * @param ready whether it counts as an endpoint
 * @param since when {@code ready} last changed
 * @param terminating whether it is on its way out
 */
public record ServerState(int ordinal, String revision, boolean ready, Instant since, boolean terminating) {}
