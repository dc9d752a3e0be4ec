package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a publish does while the link to Redis is down. */
public enum WhenDown {
    @JsonProperty("hold")
    HOLD("hold"), @JsonProperty("refuse")
    REFUSE("refuse");

    private final String value;

    WhenDown(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
