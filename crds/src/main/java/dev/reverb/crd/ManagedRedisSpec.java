package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import org.jspecify.annotations.Nullable;

/** A Redis that the operator runs. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ManagedRedisSpec(
        @JsonPropertyDescription("redis (default) or valkey: the image and the program's name.")
        @Nullable RedisFlavor flavor,

        @JsonPropertyDescription("The image; by default the official one of the flavor, as the operator was installed.")
        @Size(min = 1, max = 512)
        @ValidationRule(value = Cel.IMAGE, message = Cel.IMAGE_MESSAGE)
        @Nullable String image,

        @JsonPropertyDescription("Where the append-only file lives.")
        @Nullable StorageSpec storage,

        @JsonPropertyDescription("Resources of the container.")
        @Nullable ResourceRequirements resources,

        @JsonPropertyDescription("The password's Secret, key password by default; generated when absent.")
        @Nullable SecretKeyRef passwordSecret,

        @JsonPropertyDescription(
                "Merged strategically over Redis's pod template, as spec.podTemplate is over the servers': "
                        + "tolerations, affinity, priorityClassName and the like. The container is named redis.")
        @Nullable JsonNode podTemplate) {
    // @formatter:on

    /** A spec in which everything is absent. */
    public static ManagedRedisSpec empty() {
        return new ManagedRedisSpec(null, null, null, null, null, null);
    }
}
