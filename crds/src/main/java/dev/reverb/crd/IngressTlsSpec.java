package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** TLS at the ingress controller. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record IngressTlsSpec(
        @JsonPropertyDescription("The certificate's Secret; the controller's default certificate when absent.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        @Nullable String secretName) {}
// @formatter:on
