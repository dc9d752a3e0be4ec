package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Seed nodes. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record RedisNodesSpec(
        @JsonPropertyDescription("Nodes, host:port each.")
        @Required
        @Size(min = 1, max = 50)
        @ValidationRule(value = Cel.NODES, message = Cel.NODES_MESSAGE)
        List<String> nodes) {}
// @formatter:on
