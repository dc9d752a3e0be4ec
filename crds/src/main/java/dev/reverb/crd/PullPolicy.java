package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** When an image is pulled. */
public enum PullPolicy {
    @JsonProperty("Always")
    ALWAYS("Always"), @JsonProperty("IfNotPresent")
    IF_NOT_PRESENT("IfNotPresent"), @JsonProperty("Never")
    NEVER("Never");

    private final String value;

    PullPolicy(String value) {
        this.value = value;
    }

    /** As Kubernetes spells it. */
    public String value() {
        return value;
    }
}
