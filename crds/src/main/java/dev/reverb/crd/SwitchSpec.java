package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** Something that is on unless it is switched off. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SwitchSpec(@JsonPropertyDescription("On by default.") @Nullable Boolean enabled) {}
