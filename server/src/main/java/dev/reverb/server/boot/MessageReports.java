package dev.reverb.server.boot;

import dev.reverb.server.channel.AppChannels;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.SharedState;
import java.util.HashMap;
import java.util.Map;

/** Adds this node's messages to those of the cluster, by application, where there were any. Any thread. */
final class MessageReports implements Runnable {

    /** Between two reports. */
    static final long INTERVAL_MILLIS = 2000;

    private record Reported(long sent, long received) {}

    private final Channels channels;
    private final SharedState state;
    private final Map<String, Reported> reported = new HashMap<>();

    MessageReports(Channels channels, SharedState state) {
        this.channels = channels;
        this.state = state;
    }

    @Override
    public synchronized void run() {
        channels.forgetGone();
        reported.keySet().removeIf(id -> channels.of(id) == null);
        for (AppChannels app : channels.all()) {
            Reported before = reported.getOrDefault(app.id(), new Reported(0, 0));
            Reported now = new Reported(app.messages().sent(), app.messages().fromClients());
            if (!now.equals(before)) {
                reported.put(app.id(), now);
                state.messages(app.id(), now.sent - before.sent, now.received - before.received);
            }
        }
    }
}
