package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** A managed Redis's volume. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
@ValidationRule(
        value = "!has(self.enabled) || self.enabled || (!has(self.size) && !has(self.className))",
        message = "storage.enabled is false, so there is no volume: leave size and className out, or write "
                + "enabled: true")
public record StorageSpec(
        @JsonPropertyDescription(
                "Size of the volume; 1Gi by default. It can grow later where the StorageClass allows that, and never "
                        + "shrink.")
        @Nullable Quantity size,

        @JsonPropertyDescription("StorageClass; the default one when absent.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        @Nullable String className,

        @JsonPropertyDescription("What becomes of the volume when the cluster is deleted: retain (default) or delete.")
        @Nullable StorageRetention onDelete,

        @JsonPropertyDescription(
                "False keeps everything in memory; by default there is a volume where there is a StorageClass for it.")
        @Nullable Boolean enabled) {}
// @formatter:on
