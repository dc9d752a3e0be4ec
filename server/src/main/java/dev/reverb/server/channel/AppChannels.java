package dev.reverb.server.channel;

import dev.reverb.model.App;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The channels of one application on this node, and the application as it is configured now. Any thread. */
public final class AppChannels {

    private final String id;
    private volatile App app;
    final ConcurrentHashMap<String, SharedChannel> channels = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();

    AppChannels(App app) {
        id = app.id();
        this.app = app;
    }

    /** The application's id. */
    public String id() {
        return id;
    }

    /** The application, as configured now. */
    public App app() {
        return app;
    }

    void app(App app) {
        this.app = app;
    }

    /** Connections to this node. */
    public int connections() {
        return connections.get();
    }

    /** Counts a connection in or out. */
    public void connections(int change) {
        connections.addAndGet(change);
    }
}
