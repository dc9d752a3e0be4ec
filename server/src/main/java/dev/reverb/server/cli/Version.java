package dev.reverb.server.cli;

import dev.reverb.server.management.ServerVersion;

/** The version that the build wrote into the jar. */
final class Version {
    private Version() {}

    /** Such as {@code 1.2.3}. */
    static String text() {
        return ServerVersion.text();
    }
}
