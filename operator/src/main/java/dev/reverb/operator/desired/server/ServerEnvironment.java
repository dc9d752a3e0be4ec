package dev.reverb.operator.desired.server;

import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.crd.RedisTlsSpec;
import dev.reverb.crd.SentinelSpec;
import dev.reverb.operator.desired.app.ConfigSecret;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Durations;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * The servers' settings that need a restart to change; applications, and what is secret of the way to Redis, stand in
 * the file that servers follow.
 */
final class ServerEnvironment {
    static final String CONFIG_MOUNT = "/etc/reverb/config";
    static final String TLS_MOUNT = "/etc/reverb/tls";

    private ServerEnvironment() {}

    static List<EnvVar> of(ClusterPlan plan) {
        List<EnvVar> env = new ArrayList<>();
        env.add(value("REVERB_SERVER_PORT", Integer.toString(ClusterPlan.HTTP_PORT)));
        env.add(value("REVERB_MANAGEMENT_HOST", "0.0.0.0"));
        env.add(value("REVERB_MANAGEMENT_PORT", Integer.toString(ClusterPlan.MANAGEMENT_PORT)));
        if (plan.apiApart()) {
            env.add(value("REVERB_API_PORT", Integer.toString(ClusterPlan.API_PORT)));
        }
        env.add(value("REVERB_CONFIG", CONFIG_MOUNT + "/" + ConfigSecret.FILE));
        env.add(value("REVERB_TERMINATION_MESSAGE_PATH", ServerPod.TERMINATION_MESSAGE));
        // left out when nobody wrote it, so that a server that is alone may close all at once
        plan.drainDuration().ifPresent(time -> env.add(value("REVERB_DRAIN_DURATION", Durations.seconds(time))));
        env.add(value("REVERB_DRAIN_CLOSES_PER_SECOND", Integer.toString(plan.closesPerSecond())));
        plan.drainNotice().ifPresent(time -> env.add(value("REVERB_DRAIN_NOTICE", Durations.seconds(time))));
        plan.presenceLinger()
                .ifPresent(time -> env.add(value("REVERB_DRAIN_PRESENCE_LINGER", Durations.seconds(time))));
        if (plan.tlsSecret().isPresent()) {
            env.add(value("REVERB_TLS_CERT", TLS_MOUNT + "/tls.crt"));
            env.add(value("REVERB_TLS_KEY", TLS_MOUNT + "/tls.key"));
        }
        env.add(value("REVERB_SCALING_ENABLED", "true"));
        env.add(value("REVERB_SCALING_CHANNEL", plan.redisPrefix()));
        env.addAll(PassedSettings.of(plan));
        plan.externalRedis().ifPresent(redis -> external(redis, env));
        return env;
    }

    private static void external(ExternalRedisSpec redis, List<EnvVar> env) {
        SentinelSpec sentinel = redis.sentinel();
        if (sentinel != null) {
            env.add(value("REDIS_SENTINEL_NODES", String.join(",", sentinel.nodes())));
            env.add(value("REDIS_SENTINEL_MASTER", sentinel.master()));
        }
        if (redis.cluster() != null) {
            env.add(value("REDIS_CLUSTER_NODES", String.join(",", redis.cluster().nodes())));
        }
        if (redis.username() != null) {
            env.add(value("REDIS_USERNAME", redis.username()));
        }
        RedisTlsSpec tls = redis.tls();
        if (tls != null) {
            env.add(value("REDIS_TLS", "true"));
            if (tls.caSecret() != null) {
                env.add(value("REDIS_CAFILE", CONFIG_MOUNT + "/" + ConfigSecret.REDIS_CA));
            }
            env.add(value("REDIS_VERIFY_PEER", Boolean.toString(tls.verify() == null || tls.verify())));
        }
    }

    private static EnvVar value(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }
}
