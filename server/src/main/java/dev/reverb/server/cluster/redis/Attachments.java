package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ChannelId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The channels of one partition that this node has subscribers in. Loop only. */
final class Attachments {

    private final Map<ChannelId, Attachment> channels = new HashMap<>();

    boolean isEmpty() {
        return channels.isEmpty();
    }

    Set<ChannelId> channels() {
        return channels.keySet();
    }

    @Nullable
    Attachment get(ChannelId channel) {
        return channels.get(channel);
    }

    /** One more, or null when it is there already. */
    @Nullable
    Attachment add(ChannelId channel) {
        if (channels.containsKey(channel)) {
            return null;
        }
        Attachment attachment = new Attachment(channel);
        channels.put(channel, attachment);
        return attachment;
    }

    void remove(ChannelId channel) {
        channels.remove(channel);
    }

    /** Whether {@code channel} is to be told what happens in it. */
    boolean hears(ChannelId channel) {
        Attachment attachment = channels.get(channel);
        return attachment != null && attachment.announced();
    }

    /** Those whose state is yet to be fetched. */
    List<Attachment> wanted() {
        return those(Attachment::wanted);
    }

    /** Those that the channels have not been told of. */
    List<Attachment> unannounced() {
        return those(attachment -> !attachment.announced());
    }

    private List<Attachment> those(Predicate<Attachment> wanted) {
        List<Attachment> those = new ArrayList<>();
        for (Attachment attachment : channels.values()) {
            if (wanted.test(attachment)) {
                those.add(attachment);
            }
        }
        return those;
    }
}
