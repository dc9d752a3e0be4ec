package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An Ingress. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record IngressSpec(
        @JsonPropertyDescription("The IngressClass; the default one when absent.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        @Nullable String className,

        @JsonPropertyDescription("The public host name.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(
                value = Cel.HOST,
                message = "write a host name alone, such as ws.example.com, in lower case, without scheme, port or "
                        + "path")
        String host,

        @JsonPropertyDescription("TLS at the ingress controller.")
        @Nullable IngressTlsSpec tls,

        @JsonPropertyDescription(
                "The controller whose WebSocket annotations and time-outs are written; by default what className "
                        + "suggests, else none. Traefik and GKE take no time-outs by annotation.")
        @Nullable IngressProfile profile,

        @JsonPropertyDescription("Annotations; they win over the profile's.")
        @Size(max = 64)
        @Nullable Map<String, String> annotations) {}
// @formatter:on
