package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** An object of the same namespace, by name. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NameRef(@Required @Size(min = 1, max = 253) String name) {}
