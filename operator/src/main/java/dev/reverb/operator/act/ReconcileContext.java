package dev.reverb.operator.act;

import dev.reverb.crd.AppStatus;
import dev.reverb.operator.observe.Observation;
import dev.reverb.operator.plan.Ownership;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.EventRecorder;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.report.app.ServedApps;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the actions of one reconcile share: the observation, the cluster's memory, and what they add to the status.
 * Lives as long as the reconcile and is confined to its thread.
 */
public final class ReconcileContext {
    private static final Logger LOG = LoggerFactory.getLogger(ReconcileContext.class);

    public final Observation seen;
    public final ClusterMemory memory;
    public final List<Problem> problems = new ArrayList<>();
    public final List<AppStatus> apps = new ArrayList<>();
    /** Whether {@link #apps} is whole: nothing kept it from being found out. */
    public boolean appsKnown;
    private final Applier applier;
    private final EventRecorder recorder;
    private final ServedApps served;
    private final Set<String> desired = new LinkedHashSet<>();
    private @Nullable RuntimeException failure;
    private boolean incomplete;
    private boolean configRead;
    private Optional<Secret> config = Optional.empty();
    private @Nullable RedisCredentials redis;
    /** Pods of the managed Redis that were looked at, for the refresh of their mounts. */
    public List<Pod> redisPods = List.of();
    /** How many servers there shall be; empty while that is not decided. */
    public OptionalInt wanted = OptionalInt.empty();

    public ReconcileContext(Observation seen, ClusterMemory memory, Applier applier, EventRecorder recorder,
            ServedApps served) {
        this.seen = seen;
        this.memory = memory;
        this.applier = applier;
        this.recorder = recorder;
        this.served = served;
    }

    /** Applies {@code object}, and keeps it from being pruned. */
    @SuppressWarnings("unchecked")
    public <T extends HasMetadata> T apply(T object) {
        desired.add(key(object));
        HasMetadata known = seen.known(object.getClass(), object.getMetadata().getName());
        return applier.apply(object, (T) known, seen.plan().uid());
    }

    /**
     * The aggregate Secret, from the API server: what is in force by it decides who keeps an id, a key and lost
     * credentials. When it is lost itself, it is as this process wrote it last.
     */
    public Optional<Secret> config() {
        if (!configRead) {
            config = seen.secrets()
                    .fresh(seen.plan().namespace(), seen.plan().names().config())
                    .filter(secret -> Ownership.belongs(secret, seen.plan().uid()))
                    .or(this::lost);
            configRead = true;
        }
        return config;
    }

    private Optional<Secret> lost() {
        Optional<Secret> last = served.written(seen.plan().uid());
        last.ifPresent(secret -> record(EventReason.SecretRestored,
                "the Secret " + secret.getMetadata().getName() + " was gone: writing it again as the servers have it"));
        return last;
    }

    /** What servers reach Redis with; the same for the whole reconcile. */
    public RedisCredentials redis() {
        if (redis == null) {
            redis = RedisCredentials.resolve(this);
        }
        return redis;
    }

    /** Deletes {@code object}, which is no longer wanted. */
    void delete(HasMetadata object) {
        applier.delete(object);
    }

    /** Whether this reconcile wants {@code object}. */
    boolean wants(HasMetadata object) {
        return desired.contains(key(object));
    }

    public void record(EventReason reason, String message) {
        recorder.record(seen.cluster(), reason, message);
    }

    public void problem(Problem problem) {
        problems.add(problem);
    }

    /**
     * Runs one part of the reconcile so that its failure stops no other part. What the API server refuses, and whatever
     * else is thrown, becomes a problem of the status; {@link #failure} then makes the reconcile be tried again.
     *
     * @param part the part's name, for the message
     * @param fatal whether the spec is not in force without this part
     * @return whether it succeeded
     * @throws KubernetesClientException when the API server cannot be reached or asks to slow down, which concerns
     *     every
     *     part
     */
    public boolean attempt(String part, boolean fatal, Runnable action) {
        try {
            action.run();
            return true;
        } catch (Applier.NotOurs e) {
            problem(new Problem("NameCollision", String.valueOf(e.getMessage()), fatal));
        } catch (KubernetesClientException e) {
            if (e.getCode() == 0 || e.getCode() == 409 || e.getCode() == 429) {
                throw e; // not reached, changed meanwhile, too many requests: tried again as it is
            }
            // 500: what a field unknown to server-side apply and an admission webhook that is away are answered with
            boolean refused = e.getCode() == 400 || e.getCode() == 403 || e.getCode() == 422 || e.getCode() == 500;
            String said = message(e);
            problem(new Problem(refused ? "ApiServerRefused" : "ReconcileFailed", field(part, said) + ": " + said,
                    fatal));
            if (!refused) {
                fail(e);
            }
        } catch (RuntimeException e) {
            problem(new Problem("ReconcileFailed", part + ": " + e, fatal));
            fail(e);
        }
        incomplete = true;
        return false;
    }

    /** What a pod template is refused for can only have come from the one that the spec has. */
    private static String field(String part, String said) {
        return !said.contains("spec.template.") ? part : switch (part) {
            case "servers" -> "spec.podTemplate";
            case "redis" -> "spec.redis.managed.podTemplate";
            default -> part;
        };
    }

    private void fail(RuntimeException e) {
        LOG.warn("a part of the reconcile of {}/{} failed", seen.plan().namespace(), seen.plan().name(), e);
        if (failure == null) {
            failure = e;
        }
    }

    /** What a part threw that is worth another attempt soon; null when none did. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    /** Whether a part failed, so that not everything that is wanted is known. */
    boolean incomplete() {
        return incomplete;
    }

    /** What the API server said in {@code e}. */
    public static String message(KubernetesClientException e) {
        return e.getStatus() == null || e.getStatus().getMessage() == null ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
    }

    private static String key(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }
}
