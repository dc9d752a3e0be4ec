package dev.reverb.server.app;

import dev.reverb.model.App;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds applications, and notifies listeners when they change. It alone decides which there are: whoever needs an
 * application asks again each time, and keeps none. Look-ups come from event loops for every handshake and API request:
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

    /**
     * What connections of the application {@code id} are bound by: the application itself, or, after it was removed and
     * until {@link #forget}, its last form without secrets, so that no signature verifies. Null once it is forgotten.
     */
    @Nullable
    App orLast(String id);

    /** Whether {@code key} is nobody's, but was the key of an application that is not forgotten since. */
    boolean lately(String key);

    /**
     * Ends what {@link #orLast} and {@link #lately} say of what the applications {@code ids} were; what they are stays.
     */
    void forget(Collection<String> ids);

    /** All applications, as they are now. Immutable, and not copied. */
    Collection<App> all();

    /** Bytes of the largest event that any of them accepts; 0 without applications. */
    int largestEvent();

    /**
     * How often the application {@code id} was changed: 1 when it was added first, one more for each other form, also
     * when it was away between; 0 when there is none and it is forgotten.
     */
    long revision(String id);

    /** Whether what is written is in force. */
    RegistryState state();

    /** Calls {@code listener} for every later change. */
    void onChange(Consumer<AppChange> listener);
}
