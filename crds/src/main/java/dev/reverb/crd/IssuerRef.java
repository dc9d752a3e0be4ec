package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A cert-manager issuer. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IssuerRef(
        @JsonPropertyDescription("The issuer's name.") @Required @Size(min = 1, max = 253) String name,

        @JsonPropertyDescription("Issuer (default) or ClusterIssuer.") @Size(max = 63) @Nullable String kind,

        @JsonPropertyDescription("cert-manager.io by default.") @Size(max = 253) @Nullable String group) {}
