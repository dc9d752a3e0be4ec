package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** An application that a team attaches to a cluster. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
@ValidationRule(
        value = "has(self.id) == has(oldSelf.id) && (!has(self.id) || self.id == oldSelf.id)",
        message = "spec.id is how clients and publishers find the app and cannot change, be added or removed: create "
                + "another ReverbApp")
public record ReverbAppSpec(
        @JsonPropertyDescription("The cluster that serves the application.")
        @Required
        ClusterRef clusterRef,

        @JsonPropertyDescription(
                "The id in HTTP API paths; NAMESPACE.NAME by default. Some server libraries want digits only.")
        @Size(min = 1, max = 200)
        @ValidationRule(value = Cel.APP_ID, message = Cel.APP_ID_MESSAGE)
        @Nullable String id,

        @JsonPropertyDescription(
                "A Secret with the keys REVERB_APP_KEY and REVERB_APP_SECRET, or key and secret. Without it one "
                        + "is generated, named NAME-reverb. It is never overwritten.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        @Nullable String credentialsSecret,

        @JsonUnwrapped
        AppSettings settings,

        @JsonPropertyDescription(
                "What becomes of the generated Secret when this resource is deleted: retain (default), so that a "
                        + "ReverbApp of the same name has the same key, or delete.")
        @Nullable CredentialRetention credentialsOnDelete) {}
// @formatter:on
