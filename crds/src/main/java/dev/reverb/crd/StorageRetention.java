package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a volume when the cluster is deleted. */
public enum StorageRetention {
    @JsonProperty("retain")
    RETAIN("retain"), @JsonProperty("delete")
    DELETE("delete");

    private final String value;

    StorageRetention(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
