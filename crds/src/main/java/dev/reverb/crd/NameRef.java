package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** An object of the same namespace, by name. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record NameRef(
        @JsonPropertyDescription("The object's name.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        String name) {}
// @formatter:on
