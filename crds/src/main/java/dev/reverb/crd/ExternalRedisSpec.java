package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A Redis that exists. */
// @formatter:off
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.urlSecret), has(self.sentinel), has(self.cluster)].filter(x, x).size() == 1",
        message = "write exactly one of redis.external.urlSecret, redis.external.sentinel and redis.external.cluster")
@ValidationRule(
        value = "!has(self.urlSecret) || (!has(self.username) && !has(self.passwordSecret))",
        message = "the URL in urlSecret carries user and password: leave username and passwordSecret out")
public record ExternalRedisSpec(
        @JsonPropertyDescription("A Secret with a redis:// or rediss:// URL, key url by default.")
        @Nullable SecretKeyRef urlSecret,

        @JsonPropertyDescription("Sentinels that know the primary.")
        @Nullable SentinelSpec sentinel,

        @JsonPropertyDescription("Seed nodes of a Redis Cluster.")
        @Nullable RedisNodesSpec cluster,

        @JsonPropertyDescription("The ACL user, for sentinel and cluster.")
        @Size(min = 1, max = 253)
        @Pattern(Cel.LINE)
        @Nullable String username,

        @JsonPropertyDescription("The password's Secret, key password by default, for sentinel and cluster.")
        @Nullable SecretKeyRef passwordSecret,

        @JsonPropertyDescription("Prefix of every key and channel; NAMESPACE:NAME by default.")
        @Size(min = 1, max = 100)
        @ValidationRule(
                value = "self.matches('^[A-Za-z0-9:._-]+$')",
                message = "write a prefix of letters, digits, colons, dots, hyphens and underscores")
        @Nullable String prefix,

        @JsonPropertyDescription("TLS to Redis.")
        @Nullable RedisTlsSpec tls) {}
// @formatter:on
