package dev.reverb.server.cluster.redis.log.read;

import dev.reverb.server.cluster.message.ChannelId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The channels of one partition that this node has subscribers in. Cluster thread only. */
final class Interests {

    private final Map<ChannelId, Interest> channels = new HashMap<>();

    boolean isEmpty() {
        return channels.isEmpty();
    }

    Set<ChannelId> channels() {
        return channels.keySet();
    }

    @Nullable
    Interest get(ChannelId channel) {
        return channels.get(channel);
    }

    /** One more, or null when it is there already. */
    @Nullable
    Interest add(ChannelId channel, long attachment, long since, boolean keeps) {
        if (channels.containsKey(channel)) {
            return null;
        }
        Interest added = new Interest(channel, attachment, since, keeps);
        channels.put(channel, added);
        return added;
    }

    void remove(ChannelId channel) {
        channels.remove(channel);
    }

    /** All of them; the log is another one, so histories may end elsewhere: the state of those is fetched again. */
    Set<ChannelId> broken() {
        for (Interest interest : channels.values()) {
            if (interest.keeps()) {
                interest.want();
            }
        }
        return channels.keySet();
    }

    /** Whether what happens in {@code channel} is to be delivered. */
    boolean receives(ChannelId channel) {
        Interest attachment = channels.get(channel);
        return attachment != null && attachment.announced();
    }

    /** Those whose state is yet to be fetched. */
    List<Interest> wanted() {
        return those(Interest::wanted);
    }

    /** Those for which {@code onAttached} was not called yet. */
    List<Interest> unannounced() {
        return those(attachment -> !attachment.announced());
    }

    private List<Interest> those(Predicate<Interest> wanted) {
        List<Interest> those = new ArrayList<>();
        for (Interest attachment : channels.values()) {
            if (wanted.test(attachment)) {
                those.add(attachment);
            }
        }
        return those;
    }
}
