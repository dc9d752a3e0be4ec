package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A cert-manager issuer. */
// @formatter:off
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.kind) || has(self.group) || self.kind in ['Issuer', 'ClusterIssuer']",
        message = "issuerRef.kind: write Issuer or ClusterIssuer, or name the group of another issuer too")
public record IssuerRef(
        @JsonPropertyDescription("The issuer's name.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        String name,

        @JsonPropertyDescription("Issuer (default) or ClusterIssuer; another kind only with its group.")
        @Size(min = 1, max = 63)
        @ValidationRule(value = "self.matches('^[A-Z][A-Za-z0-9]*$')", message = "write a kind, such as ClusterIssuer")
        @Nullable String kind,

        @JsonPropertyDescription("cert-manager.io by default.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = "write an API group, such as cert-manager.io")
        @Nullable String group) {}
// @formatter:on
