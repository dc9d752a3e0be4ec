package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An HTTPRoute. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record GatewaySpec(
        @JsonPropertyDescription("The Gateways that the route attaches to.")
        @Required
        @Size(min = 1, max = 32)
        List<ParentRef> parentRefs,

        @JsonPropertyDescription("The public host names.")
        @Size(max = 16)
        @ValidationRule(value = Cel.HOSTS, message = Cel.HOSTS_MESSAGE)
        @Nullable List<String> hostnames,

        @JsonPropertyDescription(
                "Whether the Gateway's listener ends TLS, for status.url and REVERB_SCHEME; true by default.")
        @Nullable Boolean tls) {}
// @formatter:on
