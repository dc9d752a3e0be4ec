package dev.reverb.server.session;

import dev.reverb.server.protocol.PresenceMember;
import org.jspecify.annotations.Nullable;

/** The channels that one client is subscribed to, as its session sees them. */
public interface Memberships {

    /** How many they are. */
    int count();

    /** Whether it is subscribed to {@code channel}. */
    boolean contains(String channel);

    /** Who it is in {@code channel}; null when it is not subscribed, or has no member there. */
    @Nullable
    PresenceMember member(String channel);
}
