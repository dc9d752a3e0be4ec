package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What servers do with requests. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ServerSpec(
        @JsonPropertyDescription(
                "Bytes of the body of one API request; by default what a full batch of the largest app "
                        + "can need.")
        @Min(1)
        @Max(268435456)
        @Nullable Integer maxRequestSize,

        @JsonPropertyDescription("How far auth_timestamp of an API request may lie from the clock; 10m by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_DAY,
                message = "write a duration with its unit, such as 10m, of 1s to 24h")
        @Nullable String signatureTolerance,

        @JsonPropertyDescription(
                "Proxies that X-Forwarded-For is believed from, addresses and CIDR ranges, * for all; none by default. "
                        + "Limits for one client address need it behind an Ingress.")
        @Size(max = 100)
        @Nullable List<@Pattern(Cel.PROXY) String> trustedProxies,

        @JsonPropertyDescription(
                "How long connections stay when their application is removed or gets another key; 5s by "
                        + "default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_AN_HOUR,
                message = "write a duration with its unit, such as 5s, of 0s to 1h")
        @Nullable String appRemovalGrace) {}
// @formatter:on
