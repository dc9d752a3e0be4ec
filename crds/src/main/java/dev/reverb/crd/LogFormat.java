package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The form of log lines. */
public enum LogFormat {
    @JsonProperty("text")
    TEXT("text"), @JsonProperty("json")
    JSON("json");

    private final String value;

    LogFormat(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
