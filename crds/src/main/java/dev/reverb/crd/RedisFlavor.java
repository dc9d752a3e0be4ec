package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which implementation a managed Redis runs. */
public enum RedisFlavor {
    @JsonProperty("redis")
    REDIS("redis"), @JsonProperty("valkey")
    VALKEY("valkey");

    private final String value;

    RedisFlavor(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
