package dev.reverb.server.app;

import dev.reverb.model.App;

/** A change to the set of applications. */
public sealed interface AppChange {

    /** An application that was not there before. */
    record Added(App app) implements AppChange {}

    /** The same id with other values; connections stay, unless the key changed or the application was disabled. */
    record Changed(App before, App after) implements AppChange {}

    /** An application that is gone; its connections are closed. */
    record Removed(App app) implements AppChange {}
}
