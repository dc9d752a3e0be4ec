package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The types of events that a webhook can be sent. */
public enum WebhookEvent {
    @JsonProperty("channel_occupied")
    CHANNEL_OCCUPIED("channel_occupied"), @JsonProperty("channel_vacated")
    CHANNEL_VACATED("channel_vacated"), @JsonProperty("member_added")
    MEMBER_ADDED("member_added"), @JsonProperty("member_removed")
    MEMBER_REMOVED("member_removed"), @JsonProperty("client_event")
    CLIENT_EVENT("client_event"), @JsonProperty("cache_miss")
    CACHE_MISS("cache_miss"), @JsonProperty("subscription_count")
    SUBSCRIPTION_COUNT("subscription_count"), @JsonProperty("connection_opened")
    CONNECTION_OPENED("connection_opened"), @JsonProperty("connection_closed")
    CONNECTION_CLOSED("connection_closed"), @JsonProperty("connection_pruned")
    CONNECTION_PRUNED("connection_pruned");

    private final String value;

    WebhookEvent(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
