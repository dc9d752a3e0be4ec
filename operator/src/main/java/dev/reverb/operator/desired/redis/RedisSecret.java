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
    /** The key with the password of the probe's user. */
    public static final String CONTROL = "control";
    /** The key with what {@code ACL SETUSER default} is given, by the probe, whenever it runs. */
    public static final String RULE = "rule";
    static final String CONFIGURATION = "redis.conf";
    static final String MOUNT = "/etc/redis";

    private static final BigDecimal SHARE = new BigDecimal("0.75");

    private RedisSecret() {}

    /** The Secret. */
    public static Secret of(ClusterPlan plan, ManagedRedisSpec redis, RedisAccess access, boolean durable) {
        return new SecretBuilder().withMetadata(plan.owned(plan.names().redis(), Labels.REDIS))
                .withType("Opaque")
                .addToData(PASSWORD, Credentials.encode(access.password()))
                .addToData(CONTROL, Credentials.encode(access.control()))
                .addToData(RULE, Credentials.encode(access.rule()))
                .addToData(CONFIGURATION, Credentials.encode(configuration(redis, durable) + access.users()))
                .build();
    }

    /** Everything but the users, who change while Redis runs. */
    static String configuration(ManagedRedisSpec redis, boolean durable) {
        return """
            bind * -::*
            port %d
            dir /data
            appendonly %s
            appendfsync everysec
            save ""
            maxmemory-policy noeviction
            %s""".formatted(RedisService.PORT, durable ? "yes" : "no", maxmemory(redis));
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
