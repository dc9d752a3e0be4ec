package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** The cluster that a ReverbApp belongs to. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ClusterRef(
        @JsonPropertyDescription("The ReverbCluster's name.")
        @Required
        @Size(min = 1, max = 40)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        String name,

        @JsonPropertyDescription("Its namespace; the ReverbApp's own by default.")
        @Size(min = 1, max = 63)
        @ValidationRule(value = Cel.NAMESPACE, message = Cel.NAMESPACE_MESSAGE)
        @Nullable String namespace) {}
// @formatter:on
