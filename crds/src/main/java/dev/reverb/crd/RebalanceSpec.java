package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Moves connections off servers that hold far more than their share once another one has joined. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record RebalanceSpec(
        @JsonPropertyDescription("True by default when this block is written.")
        @Nullable Boolean enabled,

        @JsonPropertyDescription(
                "By how many percent a server may exceed the mean of all servers before it closes what is above "
                        + "the mean; 25 by default.")
        @Min(1)
        @Max(1000)
        @Nullable Integer tolerancePercent,

        @JsonPropertyDescription("The pace of one server, never exceeded; 10 by default.")
        @Min(1)
        @Max(100000)
        @Nullable Integer closesPerSecond) {}
// @formatter:on
