package dev.reverb.server.cluster;

/**
 * One event on its way to the subscribers of one channel.
 *
 * @param channel where it goes
 * @param message the complete message as clients receive it, UTF-8 JSON; never modified after this record is made
 * @param exclude packed id of a connection that does not receive it ({@code SocketId.pack}), 0 for none
 * @param cacheMillis when positive, the message becomes the channel's cached event for so many milliseconds
 */
public record Publication(ChannelId channel, byte[] message, long exclude, long cacheMillis) {

    /** An event that everybody receives and nothing keeps. */
    public static Publication of(ChannelId channel, byte[] message) {
        return new Publication(channel, message, 0, 0);
    }

    /** Where it goes, without the content. */
    @Override
    public String toString() {
        return "Publication[" + channel + ", " + message.length + " bytes]";
    }
}
