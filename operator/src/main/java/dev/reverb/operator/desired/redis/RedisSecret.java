package dev.reverb.operator.desired.redis;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Password and configuration of the managed Redis; the configuration is a file so that no shell is needed. */
public final class RedisSecret {
    public static final String PASSWORD = "password";
    static final String CONFIGURATION = "redis.conf";
    static final String MOUNT = "/etc/redis";

    private static final BigDecimal SHARE = new BigDecimal("0.75");

    private RedisSecret() {}

    /** The Secret. */
    public static Secret of(ClusterPlan plan, ManagedRedisSpec redis, String password, boolean durable) {
        return new SecretBuilder().withMetadata(plan.owned(plan.names().redis(), Labels.REDIS))
                .withType("Opaque")
                .addToData(PASSWORD, Credentials.encode(password))
                .addToData(CONFIGURATION, Credentials.encode(configuration(redis, password, durable)))
                .build();
    }

    static String configuration(ManagedRedisSpec redis, String password, boolean durable) {
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
            %s""".formatted(RedisService.PORT, quoted, durable ? "yes" : "no", maxmemory(redis));
    }

    /** Redis refuses what is too much before the kernel kills it; a quarter is left for copies while it writes. */
    private static String maxmemory(ManagedRedisSpec redis) {
        Quantity limit = redis.resources() == null || redis.resources().getLimits() == null ? null
                : redis.resources().getLimits().get("memory");
        return limit == null ? ""
                : "maxmemory "
                        + limit.getNumericalAmount().multiply(SHARE).setScale(0, RoundingMode.DOWN).toPlainString()
                        + "\n";
    }
}
