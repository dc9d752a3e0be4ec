package dev.reverb.operator.roll;

/** What to do next. Every action but the first two changes one number of the StatefulSet and is then observed. */
public sealed interface RollAction {

    /** Everything is as it shall be. */
    record Rest() implements RollAction {}

    /**
     * Something has to happen first.
     *
     * @param rolling whether a roll is on its way, as opposed to a change of number alone
     * @param reason for the status, without a full stop
     */
    record Wait(boolean rolling, String reason) implements RollAction {}

    /** A roll would begin or go on, and may not. */
    record Hold() implements RollAction {}

    /** Ask for {@code replicas} servers, more than there are. */
    record ScaleUp(int replicas) implements RollAction {}

    /** Ask for {@code replicas} servers: the one that goes is drained. */
    record ScaleDown(int replicas) implements RollAction {}

    /** Begin a roll with one more server, of the new revision. */
    record Surge(int replicas, int partition) implements RollAction {}

    /** Replace the server {@code partition}: the highest of an old revision. */
    record Replace(int partition) implements RollAction {}

    /** Guard the StatefulSet again, so that no later change of its template rolls by itself. */
    record Guard() implements RollAction {}
}
