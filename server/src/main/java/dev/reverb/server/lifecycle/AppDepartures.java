package dev.reverb.server.lifecycle;

import dev.reverb.model.App;
import dev.reverb.server.app.AppChange;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.transport.websocket.Connection;
import dev.reverb.server.transport.websocket.LoopConnections;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Closes the connections of applications that are gone, have another key, or are disabled. Gone and another key take a
 * grace first: a file that is replaced, or a Secret that is made anew, leaves an application out for a moment, and a
 * client that is closed for a missing application does not come back.
 *
 * <p>What a change says is only the reason to look. Which connections are closed is decided on their loops, by what the
 * registry holds then, so that no order of changes, handshakes and timers leaves one that should be gone. One look
 * takes time in proportion to the connections, however many applications changed.
 */
public final class AppDepartures {

    private static final int CLOSED_AT_ONCE = 64;

    private final AppRegistry apps;
    private final List<Look> loops;
    private final Duration grace;
    /** Until when the registry says what an application was, by its id; {@link System#nanoTime}. */
    private final Map<String, Long> graces = new ConcurrentHashMap<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** @param grace from the removal, or the change of the key, to the end of the connections */
    public AppDepartures(AppRegistry apps, List<LoopConnections> loops, Duration grace) {
        this.apps = apps;
        this.loops = loops.stream().map(Look::new).toList();
        this.grace = grace;
    }

    /** Takes notice of {@code change}. Any thread. */
    public void changed(AppChange change) {
        switch (change) {
            case AppChange.Added _ -> {
            }
            case AppChange.Removed(App app) -> later(app.id());
            case AppChange.Changed(App before, App after) -> {
                if (!after.key().equals(before.key())) {
                    later(after.id());
                }
                if (!after.enabled()) {
                    look();
                }
            }
        }
    }

    private void later(String id) {
        graces.put(id, System.nanoTime() + grace.toNanos());
        schedule(grace.toNanos());
    }

    /** One timer for all, as thousands of applications may go at once. */
    private void schedule(long nanos) {
        EventLoop timers = loops.getFirst().loop.loop().eventLoop();
        if (!timers.isShuttingDown() && scheduled.compareAndSet(false, true)) {
            var _ = timers.schedule(this::expire, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void expire() {
        scheduled.set(false);
        long now = System.nanoTime();
        List<String> ended = graces.entrySet()
                .stream()
                .filter(entry -> entry.getValue() - now <= 0)
                .filter(entry -> graces.remove(entry.getKey(), entry.getValue())) // not if it was removed once more
                .map(Map.Entry::getKey)
                .toList();
        if (!ended.isEmpty()) {
            apps.forget(ended);
            look();
        }
        graces.values().stream().min(Long::compare).ifPresent(next -> schedule(next - now));
    }

    private void look() {
        loops.forEach(Look::request);
    }

    /** With what {@code connection} is to be closed now, or null. */
    private @Nullable ProtocolError end(Connection connection) {
        String id = connection.appChannels().id();
        App app = apps.byId(id);
        if (app != null && !app.enabled()) {
            return ProtocolError.APPLICATION_DISABLED;
        }
        boolean served = app != null && app.key().equals(connection.key());
        if (served || apps.lately(connection.key())) {
            return null;
        }
        // another application has the key: a client that comes back is that one's
        return apps.byKey(connection.key()) != null ? ProtocolError.APPLICATION_AWAY
                : ProtocolError.APPLICATION_NOT_FOUND;
    }

    /** Looks at the connections of one loop; several requests before it begins are one. */
    private final class Look {
        private final LoopConnections loop;
        private final AtomicBoolean requested = new AtomicBoolean();

        private Look(LoopConnections loop) {
            this.loop = loop;
        }

        private void request() {
            if (requested.compareAndSet(false, true)) {
                var _ = loop.loop().execute(this::run);
            }
        }

        private void run() {
            requested.set(false);
            look(loop.all(), 0);
        }

        /** Closes some of them in each turn of the loop: others' messages are not to wait for the rest. */
        private void look(List<Connection> connections, int from) {
            int closed = 0;
            for (int i = from; i < connections.size(); i++) {
                if (closed == CLOSED_AT_ONCE) {
                    int rest = i;
                    var _ = loop.loop().execute(() -> look(connections, rest));
                    return;
                }
                ProtocolError end = end(connections.get(i));
                if (end != null) {
                    connections.get(i).close(end);
                    closed++;
                }
            }
        }
    }
}
