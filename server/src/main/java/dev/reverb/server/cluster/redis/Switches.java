package dev.reverb.server.cluster.redis;

import java.util.List;
import java.util.Set;

/**
 * What tests turn off to prove that without it messages are lost. Not a setting: nobody wants to run so.
 *
 * @param recovery reading from the log what a gap or an outage swallowed
 * @param replay sending again what Redis may have lost
 * @param flow slowing publishers down for subscribers that lag
 */
record Switches(boolean recovery, boolean replay, boolean flow) {
    static final Switches ON = new Switches(true, true, true);

    /** The system property that names what is off in a server under test, separated by commas. */
    private static final String PROPERTY = "dev.reverb.test.off";

    /** As this process was started; everything on unless a test said otherwise. */
    static Switches ofProcess() {
        Set<String> off = Set.copyOf(List.of(System.getProperty(PROPERTY, "").split(",")));
        return new Switches(!off.contains("recovery"), !off.contains("replay"), !off.contains("flow"));
    }
}
