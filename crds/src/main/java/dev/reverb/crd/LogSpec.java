package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** What servers log. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record LogSpec(
        @JsonPropertyDescription("Lines for people (text, the default), or one JSON object for each.")
        @Nullable LogFormat format) {}
// @formatter:on
