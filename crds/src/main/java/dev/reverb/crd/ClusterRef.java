package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The cluster that a ReverbApp belongs to. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ClusterRef(
        @JsonPropertyDescription("The ReverbCluster's name.")
        @Required
        @Size(min = 1, max = 40)
        String name,

        @JsonPropertyDescription("Its namespace; the ReverbApp's own by default.")
        @Size(min = 1, max = 63)
        @Nullable String namespace) {}
// @formatter:on
