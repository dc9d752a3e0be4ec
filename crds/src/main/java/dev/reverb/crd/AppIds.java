package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which ids a ReverbApp of another namespace may ask a cluster for. */
public enum AppIds {
    @JsonProperty("namespaced")
    NAMESPACED("namespaced"), @JsonProperty("any")
    ANY("any");

    private final String value;

    AppIds(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
