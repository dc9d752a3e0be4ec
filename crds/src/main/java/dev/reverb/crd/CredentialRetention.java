package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of generated credentials when what they are for is deleted. */
public enum CredentialRetention {
    @JsonProperty("retain")
    RETAIN("retain"), @JsonProperty("delete")
    DELETE("delete");

    private final String value;

    CredentialRetention(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
