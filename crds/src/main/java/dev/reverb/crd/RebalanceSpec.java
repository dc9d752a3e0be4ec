package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Moves connections off servers that hold far more than their share. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RebalanceSpec(
        @JsonPropertyDescription("True by default when this block is written.") @Nullable Boolean enabled,

        @JsonPropertyDescription("By how many percent a server may exceed the mean before it gives connections away; 25 by default.") @Min(1) @Max(1000) @Nullable Integer tolerancePercent,

        @JsonPropertyDescription("The pace; 10 by default.") @Min(1) @Max(100000) @Nullable Integer closesPerSecond) {}
