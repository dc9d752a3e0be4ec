package dev.reverb.operator.act.redis;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.operator.act.ReconcileContext;
import dev.reverb.operator.act.RedisCredentials;
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
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Redis: the managed one's objects, or the external one's Secrets. */
public final class RedisAction {
    private final KubernetesClient client;
    private final RedisUpgrade upgrade;
    private final RedisPasswords passwords;

    /** Acts by {@code client}; restarts Redis for an operator upgrade as {@code gate} lets it. */
    public RedisAction(KubernetesClient client, UpgradeGate gate) {
        this.client = client;
        upgrade = new RedisUpgrade(client, gate);
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
        passwords.apply(context, redis, credentials);
        context.apply(RedisService.of(plan));
        context.apply(upgrade.allowed(context, RedisStatefulSet.of(plan, redis, facts), redis));
        if (context.seen.redis().isEmpty()) {
            context.record(EventReason.RedisCreated,
                    RedisStatefulSet.durable(redis, facts) ? "made a Redis with an append-only file"
                            : "made a Redis in memory: there is no default StorageClass and "
                                    + "spec.redis.managed.storage names none");
        }
        if (plan.networkPolicy()) {
            context.apply(RedisNetworkPolicy.of(plan));
        }
        storage(context, redis, facts);
    }

    private void storage(ReconcileContext context, ManagedRedisSpec redis, RedisFacts facts) {
        if (redis.storage() == null || facts.claims().isEmpty()) {
            return;
        }
        RedisFacts fresh = new RedisFacts(facts.defaultStorageClass(), Optional.empty());
        StatefulSet wanted = RedisStatefulSet.of(context.seen.plan(), redis, fresh);
        String name = context.seen.plan().names().redis();
        boolean asked = !wanted.getSpec().getVolumeClaimTemplates().isEmpty();
        if (asked != !facts.claims().get().isEmpty()) {
            context.problem(immutable("a volume cannot be " + (asked ? "added" : "removed")
                    + " later; delete the StatefulSet " + name + " to have it made again"));
        } else if (asked) {
            PersistentVolumeClaim has = facts.claims().get().getFirst();
            PersistentVolumeClaim asks = wanted.getSpec().getVolumeClaimTemplates().getFirst();
            String className = asks.getSpec().getStorageClassName();
            if (className != null && !className.equals(has.getSpec().getStorageClassName())) {
                context.problem(immutable("className of an existing volume cannot change; delete the StatefulSet "
                        + name + " and its claim for a new one"));
            } else if (redis.storage().size() != null) {
                size(context, asks.getMetadata().getName() + "-" + name + "-0", redis.storage().size());
            }
        }
    }

    /** The StatefulSet's own claim never changes, so the volume's is asked to grow, where its class allows that. */
    private void size(ReconcileContext context, String claim, Quantity asked) {
        if (asked.toString().equals(context.memory.volumeSize)) {
            return;
        }
        String namespace = context.seen.plan().namespace();
        try {
            PersistentVolumeClaim present = client.persistentVolumeClaims()
                    .inNamespace(namespace)
                    .withName(claim)
                    .get();
            if (present == null) {
                return; // Redis is not there yet
            }
            Quantity has = Objects.requireNonNull(present.getSpec().getResources().getRequests().get("storage"));
            int comparison = asked.getNumericalAmount().compareTo(has.getNumericalAmount());
            if (comparison < 0) {
                context.problem(immutable("a volume cannot shrink: size is " + asked + ", the claim " + claim + " has "
                        + has + "; write that, or delete the StatefulSet and the claim for a new volume"));
                return;
            }
            if (comparison > 0) {
                client.resource(present)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("spec",
                                Map.of("resources", Map.of("requests", Map.of("storage", asked.toString()))))));
                context.record(EventReason.RedisVolumeExpanded,
                        "asked for " + asked + " instead of " + has + " in the claim " + claim);
            }
            context.memory.volumeSize = asked.toString();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 403 && e.getCode() != 422) {
                throw e;
            }
            context.problem(
                    immutable("the claim " + claim + " cannot have " + asked + ": " + ReconcileContext.message(e)));
        }
    }

    private static Problem immutable(String why) {
        return Problem.partial("StorageImmutable", "spec.redis.managed.storage: " + why);
    }
}
