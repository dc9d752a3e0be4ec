package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * Where a webhook's header comes from: one key of a Secret. It has patterns where a {@link SecretKeyRef} has rules,
 * since a rule for each header of each webhook of each app costs more than the API server allows.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record HeaderSource(
        @JsonPropertyDescription("The Secret's name.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        String name,

        @JsonPropertyDescription("The key within it; by default the header's name.")
        @Size(min = 1, max = 253)
        @Pattern("^[-._A-Za-z0-9]+$")
        @Nullable String key) {}
// @formatter:on
