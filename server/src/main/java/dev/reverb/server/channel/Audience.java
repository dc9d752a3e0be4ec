package dev.reverb.server.channel;

import dev.reverb.server.cluster.message.ChannelId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some subscribers of a channel that much was sent to.
 *
 * @param channel the channel; null when there was none
 * @param some of its subscribers on one loop, at random, with repetitions
 */
public record Audience(@Nullable ChannelId channel, List<Recipient> some) {

    /** Of no channel. */
    public static final Audience NONE = new Audience(null, List.of());
}
