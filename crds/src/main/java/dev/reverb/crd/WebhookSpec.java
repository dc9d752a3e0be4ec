package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One address that events are delivered to. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record WebhookSpec(
        @JsonPropertyDescription("An http or https address.")
        @Required
        @Size(min = 8, max = 2048)
        @ValidationRule(
                value = "self.startsWith('http://') || self.startsWith('https://')",
                message = "write an address that begins with http:// or https://")
        String url,

        @JsonPropertyDescription("The event types wanted, such as channel_occupied; all by default.")
        @Size(max = 50)
        @Nullable List<String> events,

        @JsonPropertyDescription("Only events of channels that begin so.")
        @Size(max = 164)
        @Nullable String channelPrefix,

        @JsonPropertyDescription("Headers added to every request.")
        @Nullable Map<String, String> headers) {}
// @formatter:on
