package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a roll whose new revision does not get ready. */
public enum RollFailurePolicy {
    @JsonProperty("pause")
    PAUSE("pause"), @JsonProperty("revert")
    REVERT("revert");

    private final String value;

    RollFailurePolicy(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
