package dev.reverb.server.protocol;

import java.util.Locale;

/** What a channel's name makes it. */
public enum ChannelKind {
    PUBLIC(false, false, false, false),
    CACHE(false, false, true, false),
    PRIVATE(true, false, false, false),
    PRIVATE_CACHE(true, false, true, false),
    PRIVATE_ENCRYPTED(true, false, false, true),
    PRIVATE_ENCRYPTED_CACHE(true, false, true, true),
    PRESENCE(true, true, false, false),
    PRESENCE_CACHE(true, true, true, false),
    /** {@code #server-to-user-{id}}: events for one signed-in user. */
    USER(false, false, false, false);

    /** What the names of {@link #USER} channels start with. */
    public static final String USER_PREFIX = "#server-to-user-";

    private final boolean guarded;
    private final boolean presence;
    private final boolean cache;
    private final boolean encrypted;

    ChannelKind(boolean guarded, boolean presence, boolean cache, boolean encrypted) {
        this.guarded = guarded;
        this.presence = presence;
        this.cache = cache;
        this.encrypted = encrypted;
    }

    /** The kind of a channel of that name. */
    public static ChannelKind of(String name) {
        if (name.startsWith("private-")) {
            if (name.startsWith("encrypted-cache-", 8)) {
                return PRIVATE_ENCRYPTED_CACHE;
            }
            if (name.startsWith("encrypted-", 8)) {
                return PRIVATE_ENCRYPTED;
            }
            return name.startsWith("cache-", 8) ? PRIVATE_CACHE : PRIVATE;
        }
        if (name.startsWith("presence-")) {
            return name.startsWith("cache-", 9) ? PRESENCE_CACHE : PRESENCE;
        }
        if (name.startsWith("cache-")) {
            return CACHE;
        }
        return name.startsWith(USER_PREFIX) ? USER : PUBLIC;
    }

    /** The kind's name as meters are tagged with it. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether a subscription needs a signature. */
    public boolean guarded() {
        return guarded;
    }

    /** Whether the channel has members. */
    public boolean presence() {
        return presence;
    }

    /** Whether the last event is kept for later subscribers. */
    public boolean cache() {
        return cache;
    }

    /** Whether payloads are opaque to the server. */
    public boolean encrypted() {
        return encrypted;
    }
}
