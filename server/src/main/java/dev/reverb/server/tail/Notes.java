package dev.reverb.server.tail;

import dev.reverb.model.App;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.metrics.ServerMeters;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes lines for the debug stream and for whoever reads along with an application. Any thread. */
public final class Notes {

    /** Readers of one application at a time. */
    public static final int MOST_OF_APP = 8;
    /** Readers of a server at a time. */
    public static final int MOST = 64;

    private final Listeners listeners;
    private final AppRegistry apps;
    private final Function<String, @Nullable AppTail> tails;
    private final ServerMeters meters;

    /** @param tails by an application's id; null where nothing of it was ever here, so that nobody reads it */
    public Notes(Listeners listeners, AppRegistry apps, Function<String, @Nullable AppTail> tails,
            ServerMeters meters) {
        this.listeners = listeners;
        this.apps = apps;
        this.tails = tails;
        this.meters = meters;
    }

    /** Whether anybody reads anything; when not, do not even make a line. */
    public boolean wanted() {
        return meters.tails().get() > 0 || listeners.debugging();
    }

    /** A line about {@code app}. */
    public void note(String app, String line) {
        note(app, List.of(), line);
    }

    /** A line about {@code app} and some of its channels. */
    public void note(String app, List<String> channels, String line) {
        listeners.note(app + " " + line);
        tail(app, channels, line);
    }

    /**
     * A line about a request or a handshake, which names what it asked for itself.
     *
     * @param app whom it concerns; null when there is no such application. Then the readers of a server's only
     *     application get it: it is likely that application's client, and there is no other whose client it could be
     */
    public void asked(@Nullable String app, String line) {
        listeners.note(line);
        Collection<App> all = apps.all();
        if (app != null) {
            tail(app, List.of(), line);
        } else if (all.size() == 1) {
            tail(all.iterator().next().id(), List.of(), line);
        }
    }

    private void tail(String app, List<String> channels, String line) {
        AppTail tail = meters.tails().get() > 0 ? tails.apply(app) : null;
        if (tail != null) {
            tail.line(channels, () -> line);
        }
    }

    /** Lets {@code reader} read along with {@code of}; why not, or null when it does. */
    public @Nullable String open(AppTail of, Tail reader) {
        if (meters.tails().incrementAndGet() > MOST) {
            meters.tails().decrementAndGet();
            return "This server has as many readers as it may, " + MOST;
        }
        if (!of.add(reader, MOST_OF_APP)) {
            meters.tails().decrementAndGet();
            return "This application has as many readers as it may, " + MOST_OF_APP;
        }
        return null;
    }

    /** Ends what {@link #open} began; a second call does nothing. */
    public void close(AppTail of, Tail reader) {
        if (of.remove(reader)) {
            meters.tails().decrementAndGet();
        }
    }
}
