package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who counts and decides. */
public enum AutoscalingProvider {
    @JsonProperty("hpa")
    HPA("hpa"), @JsonProperty("builtin")
    BUILTIN("builtin");

    private final String value;

    AutoscalingProvider(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
