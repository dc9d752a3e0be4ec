package dev.reverb.operator.reconcile;

import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.crd.SecretKeyRef;
import dev.reverb.operator.desired.RedisFacts;
import dev.reverb.operator.desired.RedisNetworkPolicy;
import dev.reverb.operator.desired.RedisSecret;
import dev.reverb.operator.desired.RedisService;
import dev.reverb.operator.desired.RedisStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Digest;
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
final class RedisAction {
    private RedisAction() {}

    /**
     * Acts.
     *
     * @return a digest of the Secrets that servers read at start; empty while one of them is missing, in which case the
     *     servers are left as they are
     */
    static Optional<String> run(Act act) {
        ClusterPlan plan = act.seen.plan();
        Optional<ExternalRedisSpec> external = plan.externalRedis();
        if (external.isPresent()) {
            return external(act, external.get());
        }
        return managed(act, plan.managedRedis().orElseThrow());
    }

    private static Optional<String> managed(Act act, ManagedRedisSpec redis) {
        ClusterPlan plan = act.seen.plan();
        Optional<String> password = password(act, redis);
        if (password.isEmpty()) {
            return Optional.empty();
        }
        RedisFacts facts = facts(act.seen);
        if (act.seen.redis().isEmpty()) {
            act.tell(Happening.RedisCreated,
                    RedisStatefulSet.durable(redis, facts) ? "made a Redis with an append-only file"
                            : "made a Redis in memory: there is no default StorageClass and "
                                    + "spec.redis.managed.storage names none");
        }
        act.apply(RedisSecret.of(plan, password.get(), RedisStatefulSet.durable(redis, facts)));
        act.apply(RedisService.of(plan));
        act.apply(RedisStatefulSet.of(plan, redis, facts, password.get()));
        if (plan.networkPolicy()) {
            act.apply(RedisNetworkPolicy.of(plan));
        }
        storageUnchanged(act, redis, facts);
        return Optional.of(Digest.of(password.get()));
    }

    /** The volume claims that exist, without what the API server adds to them. */
    static RedisFacts facts(Observation seen) {
        Optional<List<PersistentVolumeClaim>> claims = seen.redis()
                .map(redis -> redis.getSpec()
                        .getVolumeClaimTemplates()
                        .stream()
                        .map(claim -> new PersistentVolumeClaimBuilder(claim).withStatus(null).build())
                        .toList());
        return new RedisFacts(seen.defaultStorageClass(), claims);
    }

    private static void storageUnchanged(Act act, ManagedRedisSpec redis, RedisFacts facts) {
        if (redis.storage() == null || facts.claims().isEmpty()) {
            return;
        }
        RedisFacts fresh = new RedisFacts(facts.defaultStorageClass(), Optional.empty());
        StatefulSet wanted = RedisStatefulSet.of(act.seen.plan(), redis, fresh, "");
        boolean asked = !wanted.getSpec().getVolumeClaimTemplates().isEmpty();
        if (asked != !facts.claims().get().isEmpty()) {
            act.problem(Problem.partial("StorageImmutable",
                    "spec.redis.managed.storage: a volume cannot be " + (asked ? "added" : "removed")
                            + " later; delete the StatefulSet " + act.seen.plan().names().redis()
                            + " to have it made again"));
        } else if (asked) {
            PersistentVolumeClaim has = facts.claims().get().getFirst();
            PersistentVolumeClaim asks = wanted.getSpec().getVolumeClaimTemplates().getFirst();
            boolean size = !Objects.equals(asks.getSpec().getResources().getRequests().get("storage"),
                    has.getSpec().getResources().getRequests().get("storage"));
            String className = asks.getSpec().getStorageClassName();
            if (size || (className != null && !className.equals(has.getSpec().getStorageClassName()))) {
                act.problem(Problem.partial("StorageImmutable",
                        "spec.redis.managed.storage: size and className of an existing volume cannot change; delete"
                                + " the StatefulSet " + act.seen.plan().names().redis()
                                + " and its claim for new ones"));
            }
        }
    }

    private static Optional<String> password(Act act, ManagedRedisSpec redis) {
        ClusterPlan plan = act.seen.plan();
        SecretKeyRef given = redis.passwordSecret();
        if (given != null) {
            return value(act, given, "password", "spec.redis.managed.passwordSecret");
        }
        // a cache that is behind would make a second password for a Redis that has its first
        Optional<Secret> own = act.seen.secrets()
                .find(plan.namespace(), plan.names().redis())
                .or(() -> act.seen.secrets().fresh(plan.namespace(), plan.names().redis()));
        Optional<String> known = own.map(Secret::getData)
                .flatMap(data -> Credentials.value(data, RedisSecret.PASSWORD));
        if (known.isEmpty() && act.seen.redis().isPresent() && own.isEmpty()) {
            act.tell(Happening.SecretGenerated,
                    "the Secret " + plan.names().redis() + " is gone: making a new password");
        }
        return Optional.of(known.orElseGet(() -> Credentials.password(32)));
    }

    private static Optional<String> external(Act act, ExternalRedisSpec redis) {
        StringJoiner values = new StringJoiner("\n");
        // every one of them is looked at, so that all that is missing is told at once
        boolean url = add(act, values, redis.urlSecret(), "url", "spec.redis.external.urlSecret");
        boolean password = add(act, values, redis.passwordSecret(), "password", "spec.redis.external.passwordSecret");
        boolean sentinel = add(act, values, redis.sentinel() == null ? null : redis.sentinel().passwordSecret(),
                "password", "spec.redis.external.sentinel.passwordSecret");
        boolean ca = add(act, values, redis.tls() == null ? null : redis.tls().caSecret(), "ca.crt",
                "spec.redis.external.tls.caSecret");
        return url && password && sentinel && ca ? Optional.of(Digest.of(values.toString())) : Optional.empty();
    }

    private static boolean add(Act act, StringJoiner values, @Nullable SecretKeyRef reference, String key,
            String field) {
        if (reference == null) {
            return true;
        }
        Optional<String> value = value(act, reference, key, field);
        value.ifPresent(values::add);
        return value.isPresent();
    }

    private static Optional<String> value(Act act, SecretKeyRef reference, String key, String field) {
        String namespace = act.seen.plan().namespace();
        Optional<Secret> secret = act.seen.secrets().find(namespace, reference.name());
        Optional<String> value = secret.map(Secret::getData)
                .flatMap(data -> Credentials.value(data, reference.keyOr(key)));
        if (value.isEmpty()) {
            act.problem(Problem.partial("RedisSecretMissing",
                    field + ": "
                            + (secret.isPresent()
                                    ? "the Secret " + reference.name() + " has no key " + reference.keyOr(key)
                                    : "there is no Secret " + reference.name() + " in " + namespace)));
        }
        return value;
    }
}
