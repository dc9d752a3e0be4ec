package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How webhooks of all applications are delivered. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record WebhookDeliverySpec(
        @JsonPropertyDescription(
                "Whether webhooks may go to addresses of private networks, such as Services of this "
                        + "Kubernetes; false by default.")
        @Nullable Boolean allowPrivate,

        @JsonPropertyDescription("How long one request of a webhook may take; 10s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_TWO_MINUTES,
                message = "write a duration with its unit, such as 10s, of 1s to 2m")
        @Nullable String timeout,

        @JsonPropertyDescription(
                "How long an event is tried again, ever more seldom, before it is dropped; 10m by "
                        + "default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_A_DAY,
                message = "write a duration with its unit, such as 10m, of 0s to 24h")
        @Nullable String retryFor,

        @JsonPropertyDescription("Events of one request at most; 50 by default.")
        @Min(1)
        @Max(1000)
        @Nullable Integer batchSize,

        @JsonPropertyDescription("Bytes that may wait in the memory of one server for one address; 8388608 by default.")
        @Min(65536)
        @Max(1073741824)
        @Nullable Integer queueSize) {}
// @formatter:on
