package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** The HTTP API apart from where clients connect. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ApiSpec(
        @JsonPropertyDescription("On by default where spec.api is written.")
        @Nullable Boolean enabled,

        @JsonPropertyDescription(
                "Whether Ingress or HTTPRoute publish /apps too, by the Service NAME-api, for back ends elsewhere; "
                        + "false by default.")
        @Nullable Boolean publish) {}
// @formatter:on
