package dev.reverb.operator.act.redis;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.operator.act.GeneratedSecret;
import dev.reverb.operator.act.ReconcileContext;
import dev.reverb.operator.act.RedisCredentials;
import dev.reverb.operator.desired.redis.RedisAccess;
import dev.reverb.operator.desired.redis.RedisSecret;
import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.observe.RedisPods;
import dev.reverb.operator.observe.ServerStatuses;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.report.EventReason;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Changes the managed Redis's password while servers use it. Redis accepts the former one beside the new one for
 * {@link #OVERLAP}, and longer while a server is not on the new one; servers that find the new one refused stay as they
 * are and try again. So neither has to be first, and neither restarts.
 */
final class RedisPasswords {
    /** Far longer than a kubelet takes to refresh a mount. */
    static final Duration OVERLAP = Duration.ofMinutes(5);

    private final KubernetesClient client;

    RedisPasswords(KubernetesClient client) {
        this.client = client;
    }

    /** Applies Redis's Secret, and has the kubelet refresh its mount while two passwords are accepted. */
    void apply(ReconcileContext context, ManagedRedisSpec redis, RedisCredentials credentials) {
        ClusterPlan plan = context.seen.plan();
        String password = credentials.link().password().orElseThrow();
        Optional<Secret> present = RedisCredentials.own(context);
        List<String> former = former(context, present, password);
        boolean changes = !former.isEmpty() && !former.getFirst().equals(Digest.sha256(password));
        Optional<Instant> until = present.map(secret -> secret.getMetadata().getAnnotations())
                .flatMap(annotations -> GeneratedSecret.instant(annotations.get(Labels.PREVIOUS_UNTIL)));
        if (changes) {
            until = Optional.of(context.seen.now().plus(OVERLAP).truncatedTo(ChronoUnit.SECONDS));
            context.record(EventReason.RedisPasswordChanged, "Redis has a new password, which servers take over"
                    + " without a restart; the former one is accepted until " + until.get());
        } else if (until.isPresent() && !context.seen.now().isBefore(until.get())
                && everywhere(context.seen.statuses())) {
            until = Optional.empty();
            context.record(EventReason.RedisPasswordChanged, "the former password of Redis is no longer accepted");
        }
        RedisAccess access = RedisAccess.of(password, until.isPresent() ? former : List.of(),
                credentials.control().orElseThrow());
        Secret secret = RedisSecret.of(plan, redis, access, RedisStatefulSet.durable(redis, context.seen.redisFacts()));
        if (until.isPresent()) {
            secret = new SecretBuilder(secret).editMetadata()
                    .addToAnnotations(Labels.PREVIOUS_UNTIL, until.get().toString())
                    .endMetadata()
                    .build();
        }
        context.apply(secret);
        if (until.isPresent()) {
            refresh(context, Digest.of(access.rule()));
        }
    }

    /** Digests of what Redis accepts so far, that of the password in force first. */
    private static List<String> former(ReconcileContext context, Optional<Secret> present, String password) {
        Map<String, String> data = present.map(Secret::getData).orElse(Map.of());
        List<String> former = new ArrayList<>(
                Credentials.value(data, RedisSecret.RULE).map(RedisAccess::digests).orElseGet(List::of));
        boolean lost = former.isEmpty();
        if (lost) {
            // the Secret was lost or is an older operator's: what servers have is what Redis has
            Credentials.value(context.config().map(Secret::getData).orElse(null), "redis-password")
                    .filter(known -> !known.equals(password))
                    .map(Digest::sha256)
                    .ifPresent(former::add);
        }
        return former;
    }

    /** Whether every ready server says that its link works. */
    private static boolean everywhere(ServerStatuses statuses) {
        return statuses.silent().isEmpty()
                && statuses.answers().stream().allMatch(status -> status.redisConnected().orElse(true));
    }

    /** As for servers: the change of an annotation makes the kubelet look at the mounts at once. */
    private void refresh(ReconcileContext context, String digest) {
        context.redisPods = RedisPods.of(client, context.seen.plan());
        for (Pod pod : context.redisPods) {
            context.memory.redisMounts.refresh(client, pod, digest, context.seen.now());
        }
    }
}
