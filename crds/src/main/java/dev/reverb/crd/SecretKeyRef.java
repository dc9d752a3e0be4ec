package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** One key of a Secret of the same namespace. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record SecretKeyRef(
        @JsonPropertyDescription("The Secret's name.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        String name,

        @JsonPropertyDescription("The key within it; the field that refers to it says what it is by default.")
        @Size(min = 1, max = 253)
        @ValidationRule(
                value = "self.matches('^[-._A-Za-z0-9]+$')",
                message = "write a key of a Secret: letters, digits, dots, hyphens and underscores")
        @Nullable String key) {
    // @formatter:on
    /** The key, or {@code fallback} when none is written. */
    public String keyOr(String fallback) {
        return key == null ? fallback : key;
    }
}
