package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One address that events are delivered to. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
@ValidationRule(
        value = "!has(self.headers) || !has(self.headersFrom) || self.headersFrom.all(h, !(h in self.headers))",
        message = "a header stands in headers and in headersFrom: write it in one of them")
public record WebhookSpec(
        @JsonPropertyDescription("An http or https address.")
        @Required
        @Size(min = 8, max = 2048)
        @Pattern(Cel.ADDRESS)
        @ValidationRule(
                value = "self.startsWith('http://') || self.startsWith('https://')",
                message = "write an address that begins with http:// or https://")
        String url,

        @JsonPropertyDescription(
                "The event types wanted, such as channel_occupied; all but those of connections by default.")
        @Size(max = 20)
        @Nullable List<WebhookEvent> events,

        @JsonPropertyDescription("Only events of channels that begin so.")
        @Size(max = 200)
        @Pattern(Cel.CHANNEL_PREFIX)
        @Nullable String channelPrefix,

        @JsonPropertyDescription(
                "Only events of channels that match one of these, such as presence-*; * stands for any characters, ? "
                        + "for one.")
        @Size(max = 50)
        @Nullable List<@Size(min = 1, max = 200) @Pattern(Cel.CHANNEL) String> channels,

        @JsonPropertyDescription(
                "Headers added to every request: names of letters, digits and hyphens, values in one line.")
        @Size(max = 32)
        @ValidationRule(
                value = "self.all(h, size(h) >= 1 && size(h) <= 200)",
                message = "write header names of at most 200 characters, such as X-Token")
        @Nullable Map<String, @Size(max = 8192) @Pattern("^[^\\x00-\\x1f\\x7f]*$") String> headers,

        @JsonPropertyDescription(
                "Headers whose values stand in Secrets of the app's namespace, such as a token; the key within the "
                        + "Secret is by default the header's name. A change of the Secret is live without a restart.")
        @Size(max = 8)
        @ValidationRule(
                value = "self.all(h, size(h) >= 1 && size(h) <= 200)",
                message = "write header names of at most 200 characters, such as Authorization")
        @Nullable Map<String, HeaderSource> headersFrom) {}
// @formatter:on
