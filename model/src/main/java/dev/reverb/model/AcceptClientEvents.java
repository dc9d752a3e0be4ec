package dev.reverb.model;

/** Who may send {@code client-} events in an application: {@code accept_client_events_from}. */
public enum AcceptClientEvents {
    /** Every connection, on public channels without a subscription too. */
    ALL,
    /** Connections subscribed to the channel; the default. */
    MEMBERS,
    /** Nobody: client events are answered with 4301. */
    NONE
}
