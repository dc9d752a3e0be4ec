package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sentinels that know the primary. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record SentinelSpec(
        @JsonPropertyDescription("The name that the Sentinels know the primary by.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Cel.LINE)
        String master,

        @JsonPropertyDescription("The Sentinels, host:port each.")
        @Required
        @Size(min = 1, max = 50)
        @ValidationRule(value = Cel.NODES, message = Cel.NODES_MESSAGE)
        List<String> nodes,

        @JsonPropertyDescription("The Sentinels' own password's Secret, key password by default.")
        @Nullable SecretKeyRef passwordSecret) {}
// @formatter:on
