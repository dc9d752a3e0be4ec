package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who may send client events. */
public enum ClientEvents {
    @JsonProperty("members")
    MEMBERS("members"), @JsonProperty("all")
    ALL("all"), @JsonProperty("none")
    NONE("none");

    private final String value;

    ClientEvents(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
