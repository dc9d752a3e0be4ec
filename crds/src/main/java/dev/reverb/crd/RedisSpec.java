package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What the servers share their state through. */
// @formatter:off
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!(has(self.managed) && has(self.external))",
        message = "write either redis.managed or redis.external, not both")
public record RedisSpec(
        @JsonPropertyDescription("A Redis that the operator runs; the default.")
        @Nullable ManagedRedisSpec managed,

        @JsonPropertyDescription("A Redis that exists.")
        @Nullable ExternalRedisSpec external) {}
// @formatter:on
