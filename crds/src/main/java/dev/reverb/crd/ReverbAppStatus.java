package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an attached application is. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ReverbAppStatus(
        @JsonPropertyDescription("The generation of the spec that this speaks of.") @Nullable Long observedGeneration,

        @JsonPropertyDescription("The id in HTTP API paths.") @Nullable String id,

        @JsonPropertyDescription("The Secret with its credentials.") @Nullable String secret,

        @JsonPropertyDescription("Where clients connect to.") @Nullable String url,

        @JsonPropertyDescription("When the secret was last rotated.") @Nullable String rotatedAt,

        @JsonPropertyDescription("Until when the secret before that is accepted.") @Nullable String previousSecretUntil,

        @JsonPropertyDescription("When the secret before that was last used, to the minute; absent when no server saw a"
                + " use.") @Nullable String previousSecretLastUsed,

        @JsonPropertyDescription("The operator that speaks here, where the app's cluster is of another namespace, or"
                + " missing.") @Nullable OperatorClaim operator,

        @JsonPropertyDescription("Ready.") @Nullable List<Condition> conditions) {}
