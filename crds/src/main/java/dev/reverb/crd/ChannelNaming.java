package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which channel names are accepted. */
public enum ChannelNaming {
    @JsonProperty("pusher")
    PUSHER("pusher"), @JsonProperty("any")
    ANY("any");

    private final String value;

    ChannelNaming(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
