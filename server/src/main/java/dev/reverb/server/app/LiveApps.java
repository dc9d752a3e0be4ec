package dev.reverb.server.app;

import dev.reverb.model.App;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applications that can be replaced while a server runs. Look-ups read one immutable state through a volatile field;
 * {@link #replace} swaps it and then notifies the listeners, one caller at a time.
 */
public final class LiveApps implements AppRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(LiveApps.class);

    /**
     * What look-ups see.
     *
     * @param byId the applications
     * @param byKey the same
     * @param departed by id, those that were removed and are not forgotten, without their secrets
     * @param departedKeys keys that applications had, with their ids, and that nobody has now
     * @param revisions of those that are there or departed
     * @param largestEvent bytes
     */
    private record State(
            Map<String, App> byId,
            Map<String, App> byKey,
            Map<String, App> departed,
            Map<String, String> departedKeys,
            Map<String, Long> revisions,
            int largestEvent) {

        static State of(Collection<App> apps) {
            Map<String, App> byId = LinkedHashMap.newLinkedHashMap(apps.size());
            Map<String, App> byKey = HashMap.newHashMap(apps.size());
            Map<String, Long> revisions = HashMap.newHashMap(apps.size());
            int largest = 0;
            for (App app : apps) {
                if (byId.put(app.id(), app) != null) {
                    throw new IllegalArgumentException("the application id \"" + app.id() + "\" is there twice");
                }
                if (byKey.put(app.key(), app) != null) {
                    throw new IllegalArgumentException("the application key \"" + app.key() + "\" is there twice");
                }
                revisions.put(app.id(), 1L);
                largest = Math.max(largest, app.maxEventSize());
            }
            return new State(Collections.unmodifiableMap(byId), byKey, Map.of(), Map.of(), revisions, largest);
        }

        /** The same, and what {@code before} held that is gone. */
        State after(State before) {
            Map<String, App> gone = new HashMap<>(before.departed);
            Map<String, String> goneKeys = new HashMap<>(before.departedKeys);
            before.byId.values().forEach(app -> {
                gone.put(app.id(), app.withoutSecrets());
                goneKeys.put(app.key(), app.id());
            });
            gone.keySet().removeAll(byId.keySet());
            goneKeys.keySet().removeAll(byKey.keySet());
            Map<String, Long> counted = new HashMap<>(before.revisions);
            byId.forEach((id, app) -> {
                if (!app.equals(before.byId.get(id))) {
                    counted.merge(id, 1L, Long::sum);
                }
            });
            return new State(byId, byKey, gone, goneKeys, counted, largestEvent);
        }

        State without(Collection<String> ids) {
            Map<String, App> gone = new HashMap<>(departed);
            Map<String, String> goneKeys = new HashMap<>(departedKeys);
            ids.forEach(gone::remove);
            goneKeys.values().removeAll(Set.copyOf(ids));
            Map<String, Long> counted = new HashMap<>(revisions);
            ids.stream().filter(id -> !byId.containsKey(id)).forEach(counted::remove);
            return new State(byId, byKey, gone, goneKeys, counted, largestEvent);
        }
    }

    private final List<Consumer<AppChange>> listeners = new CopyOnWriteArrayList<>();
    private volatile State state;
    private volatile RegistryState source = new RegistryState(Optional.empty(), Instant.now(), Optional.empty(),
            List.of());

    /**
     * @throws IllegalArgumentException when an id or a key is there twice
     */
    public LiveApps(Collection<App> apps) {
        this.state = State.of(apps);
    }

    @Override
    public @Nullable App byKey(String key) {
        return state.byKey().get(key);
    }

    @Override
    public @Nullable App byId(String id) {
        return state.byId().get(id);
    }

    @Override
    public Collection<App> all() {
        return state.byId().values();
    }

    @Override
    public @Nullable App orLast(String id) {
        State now = state;
        App app = now.byId().get(id);
        return app != null ? app : now.departed().get(id);
    }

    @Override
    public boolean lately(String key) {
        return state.departedKeys().containsKey(key);
    }

    @Override
    public synchronized void forget(Collection<String> ids) {
        state = state.without(ids);
    }

    @Override
    public long revision(String id) {
        return state.revisions().getOrDefault(id, 0L);
    }

    @Override
    public RegistryState state() {
        return source;
    }

    /**
     * Says whether what is written is in force: {@code digest} of the file that is, {@code problem} why the one that is
     * written now is not, {@code refused} what of it.
     */
    public synchronized void compared(Optional<String> digest, Optional<String> problem, List<RefusedApp> refused) {
        source = source.next(digest, problem, refused);
    }

    @Override
    public int largestEvent() {
        return state.largestEvent();
    }

    @Override
    public void onChange(Consumer<AppChange> listener) {
        listeners.add(listener);
    }

    /**
     * Makes {@code apps} the applications there are, and notifies the listeners, on this thread, of what changed: first
     * what is gone, so that a key can move from one application to another.
     *
     * @return the changes, none when the applications are the same
     * @throws IllegalArgumentException when an id or a key is there twice; nothing has changed then
     */
    public synchronized List<AppChange> replace(Collection<App> apps) {
        State before = state;
        State after = State.of(apps).after(before);
        List<AppChange> changes = new ArrayList<>();
        for (App app : before.byId().values()) {
            if (!after.byId().containsKey(app.id())) {
                changes.add(new AppChange.Removed(app));
            }
        }
        for (App app : after.byId().values()) {
            App old = before.byId().get(app.id());
            if (old == null) {
                changes.add(new AppChange.Added(app));
            } else if (!old.equals(app)) {
                changes.add(new AppChange.Changed(old, app));
            }
        }
        state = after;
        for (AppChange change : changes) {
            for (Consumer<AppChange> listener : listeners) {
                tell(listener, change);
            }
        }
        return changes;
    }

    private static void tell(Consumer<AppChange> listener, AppChange change) {
        try {
            listener.accept(change);
        } catch (RuntimeException e) {
            // one broken listener must neither hide the change from the others nor stop the watcher
            LOG.error("A listener failed on {}", change, e);
        }
    }
}
