package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** TLS to Redis. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record RedisTlsSpec(
        @JsonPropertyDescription(
                "A Secret with the certificates that the server is verified against, key ca.crt by default; the "
                        + "system's when absent.")
        @Nullable SecretKeyRef caSecret,

        @JsonPropertyDescription("False accepts any certificate.")
        @Nullable Boolean verify) {}
// @formatter:on
