package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** One application of a cluster. */
// @formatter:off
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.credentialsSecret) || (size(self.id) <= 63 && "
                + "self.id.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'))",
        message = "the generated Secret is named after the id: write an id of lower-case letters, digits and "
                + "hyphens, or name a Secret in credentialsSecret")
@ValidationRule(
        value = "has(self.credentialsSecret) || !(self.id in ['config', 'redis', 'tls'])",
        message = "the generated Secret would collide with one of the cluster's own: write another id than "
                + "config, redis or tls, or name a Secret in credentialsSecret")
public record AppSpec(
        @JsonPropertyDescription("The id in HTTP API paths, /apps/ID/events.")
        @Required
        @Size(min = 1, max = 200)
        @ValidationRule(value = Cel.APP_ID, message = Cel.APP_ID_MESSAGE)
        String id,

        @JsonPropertyDescription(
                "A Secret with the keys REVERB_APP_KEY and REVERB_APP_SECRET, or key and secret. Without it one "
                        + "is generated, named CLUSTER-ID. It is never overwritten.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        @Nullable String credentialsSecret,

        @JsonUnwrapped
        AppSettings settings) {
    // @formatter:on
    /** An application with an id and defaults for the rest. */
    public static AppSpec of(String id) {
        return new AppSpec(id, null, AppSettings.defaults());
    }
}
