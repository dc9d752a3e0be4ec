package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** An application as it is served. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record AppStatus(
        @JsonPropertyDescription("The id in HTTP API paths.")
        String id,

        @JsonPropertyDescription("The Secret with its credentials.")
        String secret,

        @JsonPropertyDescription("The Secret's namespace, where it is another than the cluster's.")
        @Nullable String namespace,

        @JsonPropertyDescription("When its secret was last rotated.")
        @Nullable String rotatedAt,

        @JsonPropertyDescription("Until when the secret before that is accepted.")
        @Nullable String previousSecretUntil,

        @JsonPropertyDescription(
                "When the secret before that was last used, to the minute; absent when no server saw a use.")
        @Nullable String previousSecretLastUsed) {
    /** An application whose secret was never rotated. */
    public AppStatus(String id, String secret, @Nullable String namespace) {
        this(id, secret, namespace, null, null, null);
    }

    /** The same with the last use of the secret before the present one. */
    public AppStatus lastUsed(@Nullable String time) {
        return new AppStatus(id, secret, namespace, rotatedAt, previousSecretUntil, time);
    }
}
// @formatter:on
