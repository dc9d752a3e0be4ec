package dev.reverb.server.cluster.message;

import org.jspecify.annotations.Nullable;

/**
 * One event on its way to the subscribers of one channel.
 *
 * @param channel where it goes
 * @param message the complete message as clients receive it, UTF-8 JSON; never modified after this record is made
 * @param exclude packed id of a connection that does not receive it ({@code SocketId.pack}), 0 for none
 * @param cacheMillis when positive, the message becomes the channel's cached event for so many milliseconds
 * @param keep how the channel keeps it; null where it keeps nothing
 * @param number this node's number of it, given where it is kept and in the order of delivery; else 0
 */
public record Publication(
        ChannelId channel,
        byte[] message,
        long exclude,
        long cacheMillis,
        @Nullable KeepRule keep,
        long number) {

    /** One that is not kept. */
    public Publication(ChannelId channel, byte[] message, long exclude, long cacheMillis) {
        this(channel, message, exclude, cacheMillis, null, 0);
    }

    /** An event that everybody receives and nothing keeps. */
    public static Publication of(ChannelId channel, byte[] message) {
        return new Publication(channel, message, 0, 0);
    }

    /** The same with a number. */
    public Publication numbered(long given) {
        return new Publication(channel, message, exclude, cacheMillis, keep, given);
    }

    /** Where it goes, without the content. */
    @Override
    public String toString() {
        return "Publication[" + channel + ", " + message.length + " bytes]";
    }
}
