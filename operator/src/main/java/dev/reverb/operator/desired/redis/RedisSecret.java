package dev.reverb.operator.desired.redis;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;

/** Password and configuration of the managed Redis; the configuration is a file so that no shell is needed. */
public final class RedisSecret {
    public static final String PASSWORD = "password";
    static final String CONFIGURATION = "redis.conf";
    static final String MOUNT = "/etc/redis";

    private RedisSecret() {}

    /** The Secret. */
    public static Secret of(ClusterPlan plan, String password, boolean durable) {
        return new SecretBuilder().withMetadata(plan.owned(plan.names().redis(), Labels.REDIS))
                .withType("Opaque")
                .addToData(PASSWORD, Credentials.encode(password))
                .addToData(CONFIGURATION, Credentials.encode(configuration(password, durable)))
                .build();
    }

    static String configuration(String password, boolean durable) {
        String quoted = password.replace("\\", "\\\\").replace("\"", "\\\"");
        return """
            bind * -::*
            port %d
            dir /data
            requirepass "%s"
            appendonly %s
            appendfsync everysec
            save ""
            maxmemory-policy noeviction
            """.formatted(RedisService.PORT, quoted, durable ? "yes" : "no");
    }
}
