package dev.reverb.server.app;

import dev.reverb.model.App;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds applications, and tells when they change. Look-ups come from event loops for every handshake and API request:
 * they neither block nor lock. Listeners run on the thread that found the change, one change at a time, after look-ups
 * already answer with the new state.
 */
public interface AppRegistry {

    /** The application with the public key {@code key}, or null. */
    @Nullable
    App byKey(String key);

    /** The application with the id {@code id}, or null. */
    @Nullable
    App byId(String id);

    /** All applications, as they are now. */
    Collection<App> all();

    /** Calls {@code listener} for every later change. */
    void onChange(Consumer<AppChange> listener);
}
