package dev.reverb.operator.report;

/** The catalogue of Kubernetes Events. The constants' names are the Events' {@code reason} fields. */
public enum EventReason {
    SecretGenerated,
    /** A lost Secret was written again with the credentials that the servers use. */
    SecretRestored,
    SecretRotated,
    RedisCreated,
    RedisReplaced,
    /** Redis's password changed, without a restart. */
    RedisPasswordChanged,
    ServersCreated,
    AppsReloaded,
    RollStarted,
    RollFinished,
    RollHeld,
    ServerReplaced,
    Surged,
    ScaledUp,
    ScaledDown,
    Drained,
    ServerForceDeleted,
    /** A Redis in memory was on a dead node, or one with a volume on a node that is gone. */
    RedisForceDeleted,
    /** The volume of the managed Redis was asked to grow. */
    RedisVolumeExpanded,
    Paused,
    Resumed,
    UpgradeWaiting,
    Removed,
    AppAttached,
    AppDetached,
    /** The spec cannot work, or something that it names is missing. */
    Refused(true),
    /** A part of the spec changes that cuts clients off: nobody is connected, or an annotation allows it. */
    OutageBegins(true),
    /** A step of a roll takes longer than its deadline. */
    RollStalled(true),
    /** The new revision failed, and the last good one goes back. */
    RollReverted(true),
    /** A server or Redis does not get ready, for the reason that the kubelet or the scheduler gives. */
    PodFailing(true),
    /** A pod that kept a new revision from getting out was deleted. */
    PodReplaced,
    /** A drain ended with connections that were cut. */
    DrainCut(true),
    /** The API server refused an action. */
    Failed(true);

    private final boolean warning;

    EventReason() {
        this(false);
    }

    EventReason(boolean warning) {
        this.warning = warning;
    }

    /** {@code Warning} or {@code Normal}. */
    String type() {
        return warning ? "Warning" : "Normal";
    }
}
