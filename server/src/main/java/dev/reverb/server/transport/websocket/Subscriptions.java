package dev.reverb.server.transport.websocket;

import dev.reverb.server.channel.Subscription;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.session.Memberships;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One connection's subscriptions by channel; a single one, the usual case, needs no map. Loop thread only. */
final class Subscriptions implements Memberships {

    private @Nullable Subscription only;
    private @Nullable Map<String, Subscription> more;

    @Nullable
    Subscription get(String channel) {
        if (more != null) {
            return more.get(channel);
        }
        return only != null && only.channelName().equals(channel) ? only : null;
    }

    void add(Subscription subscription) {
        if (more != null) {
            more.put(subscription.channelName(), subscription);
        } else if (only == null) {
            only = subscription;
        } else {
            more = new HashMap<>();
            more.put(only.channelName(), only);
            more.put(subscription.channelName(), subscription);
            only = null;
        }
    }

    void remove(Subscription subscription) {
        if (more != null) {
            more.remove(subscription.channelName());
        } else {
            only = null;
        }
    }

    void clear() {
        only = null;
        more = null;
    }

    /** All of them; the collection is live. */
    Collection<Subscription> all() {
        return more != null ? more.values() : only == null ? List.of() : List.of(only);
    }

    /** Whether there were ever two at a time. */
    boolean several() {
        return more != null;
    }

    /** Whether {@code userId} is a member of one of the channels through this connection. */
    boolean hasMember(String userId) {
        for (Subscription subscription : all()) {
            PresenceMember member = subscription.member();
            if (member != null && member.userId().equals(userId)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int count() {
        return more != null ? more.size() : only == null ? 0 : 1;
    }

    @Override
    public boolean contains(String channel) {
        return get(channel) != null;
    }

    @Override
    public @Nullable PresenceMember member(String channel) {
        Subscription subscription = get(channel);
        return subscription == null ? null : subscription.member();
    }
}
