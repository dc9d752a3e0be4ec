package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A Gateway. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ParentRef(
        @JsonPropertyDescription("The Gateway's name.")
        @Required
        @Size(min = 1, max = 253)
        String name,

        @JsonPropertyDescription("Its namespace; the cluster's own by default.")
        @Size(min = 1, max = 63)
        @Nullable String namespace,

        @JsonPropertyDescription("One listener of it.")
        @Size(min = 1, max = 253)
        @Nullable String sectionName,

        @JsonPropertyDescription("Only listeners on this port.")
        @Min(1)
        @Max(65535)
        @Nullable Integer port) {}
// @formatter:on
