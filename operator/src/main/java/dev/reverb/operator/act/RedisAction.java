package dev.reverb.operator.act;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.operator.desired.redis.RedisFacts;
import dev.reverb.operator.desired.redis.RedisNetworkPolicy;
import dev.reverb.operator.desired.redis.RedisService;
import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.RedisEndpoints;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.roll.UpgradeGate;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Redis: the managed one's objects, or the external one's Secrets. */
public final class RedisAction {
    private final RedisUpgrade upgrade;
    private final RedisPasswords passwords;

    /** Acts by {@code client}; restarts Redis for an operator upgrade as {@code gate} lets it. */
    public RedisAction(KubernetesClient client, UpgradeGate gate) {
        upgrade = new RedisUpgrade(gate);
        passwords = new RedisPasswords(client);
    }

    /**
     * Acts.
     *
     * @return a digest of what Secrets say that servers read at start only; empty while one of them is missing, in
     *     which case the servers are left as they are
     */
    public Optional<String> run(ReconcileContext context) {
        ClusterPlan plan = context.seen.plan();
        RedisCredentials credentials = context.redis();
        if (!credentials.complete()) {
            return Optional.empty();
        }
        plan.managedRedis().ifPresent(redis -> managed(context, redis, credentials));
        return Optional.of(Digest.of(credentials.link().url().map(RedisEndpoints::database).orElse("")));
    }

    private void managed(ReconcileContext context, ManagedRedisSpec redis, RedisCredentials credentials) {
        ClusterPlan plan = context.seen.plan();
        RedisFacts facts = context.seen.redisFacts();
        if (context.seen.redis().isEmpty()) {
            context.record(EventReason.RedisCreated,
                    RedisStatefulSet.durable(redis, facts) ? "made a Redis with an append-only file"
                            : "made a Redis in memory: there is no default StorageClass and "
                                    + "spec.redis.managed.storage names none");
        }
        passwords.apply(context, redis, credentials);
        context.apply(RedisService.of(plan));
        context.apply(upgrade.allowed(context, RedisStatefulSet.of(plan, redis, facts), redis));
        if (plan.networkPolicy()) {
            context.apply(RedisNetworkPolicy.of(plan));
        }
        storageUnchanged(context, redis, facts);
    }

    private static void storageUnchanged(ReconcileContext context, ManagedRedisSpec redis, RedisFacts facts) {
        if (redis.storage() == null || facts.claims().isEmpty()) {
            return;
        }
        RedisFacts fresh = new RedisFacts(facts.defaultStorageClass(), Optional.empty());
        StatefulSet wanted = RedisStatefulSet.of(context.seen.plan(), redis, fresh);
        boolean asked = !wanted.getSpec().getVolumeClaimTemplates().isEmpty();
        if (asked != !facts.claims().get().isEmpty()) {
            context.problem(Problem.partial("StorageImmutable",
                    "spec.redis.managed.storage: a volume cannot be " + (asked ? "added" : "removed")
                            + " later; delete the StatefulSet " + context.seen.plan().names().redis()
                            + " to have it made again"));
        } else if (asked) {
            PersistentVolumeClaim has = facts.claims().get().getFirst();
            PersistentVolumeClaim asks = wanted.getSpec().getVolumeClaimTemplates().getFirst();
            boolean size = !Objects.equals(asks.getSpec().getResources().getRequests().get("storage"),
                    has.getSpec().getResources().getRequests().get("storage"));
            String className = asks.getSpec().getStorageClassName();
            if (size || (className != null && !className.equals(has.getSpec().getStorageClassName()))) {
                context.problem(Problem.partial("StorageImmutable",
                        "spec.redis.managed.storage: size and className of an existing volume cannot change; delete"
                                + " the StatefulSet " + context.seen.plan().names().redis()
                                + " and its claim for new ones"));
            }
        }
    }
}
