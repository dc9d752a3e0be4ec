package dev.reverb.operator.report.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.operator.desired.app.AppTable;
import dev.reverb.operator.observe.ServerStatus;
import dev.reverb.operator.observe.ServerStatuses;
import dev.reverb.operator.plan.AppOwner;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the servers of each cluster have in force, as they said last: written by the reconciles of clusters, read by
 * those of applications. An entry that every ready server was seen with once stays so until the entry changes, since a
 * server that starts later mounts what is there then. Lost with the process, and known again as soon as all servers of
 * a cluster have the same file. Any thread.
 */
public final class ServedApps {
    private final Map<String, Known> clusters = new ConcurrentHashMap<>();
    private final Map<String, Secret> written = new ConcurrentHashMap<>();
    private final Map<String, ClusterPlan> plans = new ConcurrentHashMap<>();
    private final List<Consumer<AppOwner>> listeners = new CopyOnWriteArrayList<>();

    /**
     * Of one cluster.
     *
     * @param complete whether all servers had the same file at some time since the operator started
     * @param everywhere entries that every ready server has in force, by id
     * @param refused why servers refuse an entry, by id
     * @param pending why the other entries are not known to be in force; empty when there is no such
     * @param lastUsed when a previous secret was last used, by id
     */
    private record Known(
            boolean complete,
            Map<String, JsonNode> everywhere,
            Map<String, String> refused,
            String pending,
            Map<String, Instant> lastUsed) {
        static final Known NOTHING = new Known(false, Map.of(), Map.of(), "", Map.of());
    }

    /** Calls {@code listener} with the owner of each application of which something changed. */
    public void onChange(Consumer<AppOwner> listener) {
        listeners.add(listener);
    }

    /** Whether the cluster {@code uid} has the entry {@code entry} of the application {@code id} in force. */
    public Serving of(String uid, String id, JsonNode entry) {
        Known known = clusters.getOrDefault(uid, Known.NOTHING);
        String refused = known.refused().get(id);
        if (refused != null) {
            return new Serving.Refused(refused);
        }
        if (entry.equals(known.everywhere().get(id))) {
            return new Serving.Everywhere();
        }
        return known.complete() ? new Serving.Pending(known.pending()) : new Serving.Unknown(known.pending());
    }

    /**
     * When a server of the cluster {@code uid} last verified a signature by a previous secret of the application
     * {@code id}; empty when that was not since the rotation, as far as is known.
     */
    public Optional<Instant> previousSecretUsed(String uid, String id) {
        return Optional.ofNullable(clusters.getOrDefault(uid, Known.NOTHING).lastUsed().get(id));
    }

    /** Notes the aggregate Secret of a cluster as it was written last, with {@code table} and by {@code plan}. */
    public void wrote(ClusterPlan plan, AppTable table, Secret config) {
        written.put(plan.uid(), config);
        ClusterPlan before = plans.put(plan.uid(), plan);
        if (before != null && !(before.publicAddress().equals(plan.publicAddress())
                && before.apiAddress().equals(plan.apiAddress()))) {
            table.owners()
                    .values()
                    .stream()
                    .filter(AppOwner::attached)
                    .forEach(owner -> listeners.forEach(listener -> listener.accept(owner)));
        }
    }

    /**
     * What is in force of the cluster that {@code asked} is the spec of, as far as this process acted on it: a part of
     * the spec may be held.
     */
    public ClusterPlan inForce(ClusterPlan asked) {
        return plans.getOrDefault(asked.uid(), asked);
    }

    /**
     * The aggregate Secret of the cluster {@code uid} as this process wrote it last: what is in force when the Secret
     * itself is lost together with those that it is restored from.
     */
    public Optional<Secret> written(String uid) {
        return Optional.ofNullable(written.get(uid));
    }

    /** Forgets the cluster {@code uid}, which is gone. */
    public void forget(String uid) {
        clusters.remove(uid);
        written.remove(uid);
        plans.remove(uid);
    }

    /**
     * Takes what the servers of the cluster {@code uid} say, whose aggregate Secret holds {@code table}.
     *
     * @param file the configuration file in that Secret
     * @return whether every entry is known to be in force everywhere or to be refused
     */
    public boolean take(String uid, AppTable table, String file, ServerStatuses statuses) {
        Known before = clusters.getOrDefault(uid, Known.NOTHING);
        String digest = Digest.sha256(file);
        Map<String, String> refused = refused(table, statuses);
        StringJoiner lagging = new StringJoiner(", ");
        statuses.answers()
                .stream()
                .filter(status -> !current(status, digest))
                .forEach(status -> lagging.add(status.pod() + " has not taken its last change yet"));
        statuses.silent().forEach(silent -> lagging.add(silent.pod() + " does not answer (" + silent.why() + ")"));
        if (statuses.answers().isEmpty() && statuses.silent().isEmpty()) {
            lagging.add("no server is ready");
        }
        boolean all = lagging.length() == 0;
        Map<String, JsonNode> everywhere = new HashMap<>();
        table.entries().forEach((id, entry) -> {
            if (!refused.containsKey(id) && (all || entry.equals(before.everywhere().get(id)))) {
                everywhere.put(id, entry);
            }
        });
        Known now = new Known(before.complete() || all, everywhere, refused, lagging.toString(),
                lastUsed(before, table, statuses));
        clusters.put(uid, now);
        tell(before, now, table);
        return everywhere.size() + refused.size() >= table.entries().size();
    }

    /** A server of a version that names no file is taken at its word that nothing is stale. */
    private static boolean current(ServerStatus status, String digest) {
        return status.digest().map(digest::equals).orElse(status.stale().isEmpty());
    }

    private static Map<String, String> refused(AppTable table, ServerStatuses statuses) {
        Map<ServerStatus.Refused, Set<String>> pods = new LinkedHashMap<>();
        statuses.answers()
                .forEach(status -> status.refused()
                        .forEach(app -> pods.computeIfAbsent(app, _ -> new HashSet<>()).add(status.pod())));
        Map<String, String> refused = new HashMap<>();
        pods.forEach((app, names) -> {
            if (table.entries().containsKey(app.id())) {
                refused.putIfAbsent(app.id(), names.stream().sorted().collect(Collectors.joining(", ")) + ": "
                        + app.reason() + (app.kept() ? "; it is served there as it was" : "; it is not served there"));
            }
        });
        return refused;
    }

    private static Map<String, Instant> lastUsed(Known before, AppTable table, ServerStatuses statuses) {
        Map<String, Instant> used = new HashMap<>();
        table.entries().forEach((id, entry) -> {
            if (!entry.has("previous_secrets")) {
                return;
            }
            // to the minute, so that a back end in use costs one change of the status a minute
            Optional<Instant> now = statuses.previousSecretUsed(id).map(at -> at.truncatedTo(ChronoUnit.MINUTES));
            // a server that is gone takes its knowledge along
            Instant known = before.everywhere().containsKey(id)
                    && !entry.path("previous_secrets").equals(before.everywhere().get(id).path("previous_secrets"))
                            ? null
                            : before.lastUsed().get(id);
            Instant latest = now.filter(at -> known == null || at.isAfter(known)).orElse(known);
            if (latest != null) {
                used.put(id, latest);
            }
        });
        return used;
    }

    private void tell(Known before, Known now, AppTable table) {
        if (before.equals(now) || listeners.isEmpty()) {
            return;
        }
        boolean becameComplete = !before.complete() && now.complete();
        table.owners().forEach((id, owner) -> {
            JsonNode entry = table.entries().get(id);
            boolean pendingDiffers = !Objects.equals(now.everywhere().get(id), entry)
                    && !before.pending().equals(now.pending());
            if (owner.attached()
                    && (becameComplete || pendingDiffers || differs(before.everywhere(), now.everywhere(), id)
                            || differs(before.refused(), now.refused(), id)
                            || differs(before.lastUsed(), now.lastUsed(), id))) {
                listeners.forEach(listener -> listener.accept(owner));
            }
        });
    }

    private static <T> boolean differs(Map<String, T> before, Map<String, T> now, String id) {
        @Nullable
        T was = before.get(id);
        return !Objects.equals(was, now.get(id));
    }
}
