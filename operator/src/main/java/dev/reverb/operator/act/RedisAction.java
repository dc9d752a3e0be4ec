package dev.reverb.operator.act;

import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.crd.SecretKeyRef;
import dev.reverb.operator.desired.redis.RedisFacts;
import dev.reverb.operator.desired.redis.RedisNetworkPolicy;
import dev.reverb.operator.desired.redis.RedisSecret;
import dev.reverb.operator.desired.redis.RedisService;
import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.Problem;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Redis: the managed one's objects, or the external one's Secrets. */
public final class RedisAction {
    private final RedisUpgrade upgrade;

    /** Restarts Redis for an operator upgrade as {@code gate} lets it. */
    public RedisAction(UpgradeGate gate) {
        upgrade = new RedisUpgrade(gate);
    }

    /**
     * Acts.
     *
     * @return a digest of the Secrets that servers read at start; empty while one of them is missing, in which case the
     *     servers are left as they are
     */
    public Optional<String> run(ReconcileContext context) {
        ClusterPlan plan = context.seen.plan();
        Optional<ExternalRedisSpec> external = plan.externalRedis();
        if (external.isPresent()) {
            return external(context, external.get());
        }
        return managed(context, plan.managedRedis().orElseThrow());
    }

    private Optional<String> managed(ReconcileContext context, ManagedRedisSpec redis) {
        ClusterPlan plan = context.seen.plan();
        Optional<String> password = password(context, redis);
        if (password.isEmpty()) {
            return Optional.empty();
        }
        RedisFacts facts = context.seen.redisFacts();
        if (context.seen.redis().isEmpty()) {
            context.record(EventReason.RedisCreated,
                    RedisStatefulSet.durable(redis, facts) ? "made a Redis with an append-only file"
                            : "made a Redis in memory: there is no default StorageClass and "
                                    + "spec.redis.managed.storage names none");
        }
        context.apply(RedisSecret.of(plan, redis, password.get(), RedisStatefulSet.durable(redis, facts)));
        context.apply(RedisService.of(plan));
        context.apply(upgrade.allowed(context, RedisStatefulSet.of(plan, redis, facts, password.get()), redis,
                Digest.of(password.get())));
        if (plan.networkPolicy()) {
            context.apply(RedisNetworkPolicy.of(plan));
        }
        storageUnchanged(context, redis, facts);
        return Optional.of(Digest.of(password.get()));
    }

    private static void storageUnchanged(ReconcileContext context, ManagedRedisSpec redis, RedisFacts facts) {
        if (redis.storage() == null || facts.claims().isEmpty()) {
            return;
        }
        RedisFacts fresh = new RedisFacts(facts.defaultStorageClass(), Optional.empty());
        StatefulSet wanted = RedisStatefulSet.of(context.seen.plan(), redis, fresh, "");
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

    private static Optional<String> password(ReconcileContext context, ManagedRedisSpec redis) {
        ClusterPlan plan = context.seen.plan();
        SecretKeyRef given = redis.passwordSecret();
        if (given != null) {
            return value(context, given, "password", "spec.redis.managed.passwordSecret");
        }
        String name = plan.names().redis();
        Optional<String> known = own(context);
        if (known.isPresent()) {
            return known;
        }
        // a lost Secret is written again as it was: another password would cut every server off until it has rolled
        if (context.redisPassword.isPresent()) {
            context.record(EventReason.SecretRestored,
                    "the Secret " + name + " was gone: wrote it again with the password that Redis has");
            return context.redisPassword;
        }
        if (context.seen.redis().isPresent()) {
            context.record(EventReason.SecretGenerated, "the Secret " + name + " is gone: making a new password");
        }
        return Optional.of(Credentials.password(32));
    }

    /** The password in Redis's own Secret, from the API server where the cache has none. */
    private static Optional<String> own(ReconcileContext context) {
        String namespace = context.seen.plan().namespace();
        String name = context.seen.plan().names().redis();
        return context.seen.secrets()
                .find(namespace, name)
                // a cache that is behind would make a second password for a Redis that has its first
                .or(() -> context.seen.secrets().fresh(namespace, name))
                .map(Secret::getData)
                .flatMap(data -> Credentials.value(data, RedisSecret.PASSWORD));
    }

    /** The password to keep beside the applications; empty when the user gives it, or Redis is external. */
    static Optional<String> generatedPassword(ReconcileContext context) {
        Optional<ManagedRedisSpec> managed = context.seen.plan().managedRedis();
        return managed.isPresent() && managed.get().passwordSecret() == null
                ? own(context).or(() -> context.redisPassword)
                : Optional.empty();
    }

    private static Optional<String> external(ReconcileContext context, ExternalRedisSpec redis) {
        StringJoiner values = new StringJoiner("\n");
        // every one of them is looked at, so that one status names all that is missing
        boolean url = add(context, values, redis.urlSecret(), "url", "spec.redis.external.urlSecret");
        boolean password = add(context, values, redis.passwordSecret(), "password",
                "spec.redis.external.passwordSecret");
        boolean sentinel = add(context, values, redis.sentinel() == null ? null : redis.sentinel().passwordSecret(),
                "password", "spec.redis.external.sentinel.passwordSecret");
        boolean ca = add(context, values, redis.tls() == null ? null : redis.tls().caSecret(), "ca.crt",
                "spec.redis.external.tls.caSecret");
        return url && password && sentinel && ca ? Optional.of(Digest.of(values.toString())) : Optional.empty();
    }

    private static boolean add(ReconcileContext context, StringJoiner values, @Nullable SecretKeyRef reference,
            String key, String field) {
        if (reference == null) {
            return true;
        }
        Optional<String> value = value(context, reference, key, field);
        value.ifPresent(values::add);
        return value.isPresent();
    }

    private static Optional<String> value(ReconcileContext context, SecretKeyRef reference, String key, String field) {
        String namespace = context.seen.plan().namespace();
        Optional<Secret> secret = context.seen.secrets().find(namespace, reference.name());
        Optional<String> value = secret.map(Secret::getData)
                .flatMap(data -> Credentials.value(data, reference.keyOr(key)));
        if (value.isEmpty()) {
            context.problem(Problem.partial("RedisSecretMissing",
                    field + ": "
                            + (secret.isPresent()
                                    ? "the Secret " + reference.name() + " has no key " + reference.keyOr(key)
                                    : "there is no Secret " + reference.name() + " in " + namespace)));
        }
        return value;
    }
}
