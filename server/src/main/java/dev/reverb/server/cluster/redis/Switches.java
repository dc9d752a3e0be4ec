package dev.reverb.server.cluster.redis;

/**
 * What tests turn off to prove that without it messages are lost.
 *
 * @param recovery reading from the log what a gap or an outage swallowed
 * @param replay sending again what Redis may have lost
 * @param flow slowing publishers down for subscribers that lag
 */
record Switches(boolean recovery, boolean replay, boolean flow) {
    static final Switches ON = new Switches(true, true, true);
}
