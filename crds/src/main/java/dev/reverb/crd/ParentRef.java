package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A Gateway. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ParentRef(
        @JsonPropertyDescription("The Gateway's name.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        String name,

        @JsonPropertyDescription("Its namespace; the cluster's own by default.")
        @Size(min = 1, max = 63)
        @ValidationRule(value = Cel.NAMESPACE, message = Cel.NAMESPACE_MESSAGE)
        @Nullable String namespace,

        @JsonPropertyDescription("One listener of it.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        @Nullable String sectionName,

        @JsonPropertyDescription("Only listeners on this port.")
        @Min(1)
        @Max(65535)
        @Nullable Integer port) {}
// @formatter:on
