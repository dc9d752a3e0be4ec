package dev.reverb.server.transport.http;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * Ends a connection so that its last answer arrives: closing a socket with unread input resets it, and the reset
 * overtakes the answer. So only this side is closed at first, and what still comes is read and dropped for a while.
 */
final class LingeringClose {

    /** How long input is read and dropped behind the last answer. */
    static final long MILLIS = 1000;

    private LingeringClose() {}

    /** Whether {@code channel} is to be closed after {@link #MILLIS}; else it closes now. Its loop's thread. */
    static boolean begin(Channel channel) {
        if (channel instanceof DuplexChannel duplex && channel.pipeline().get(SslHandler.class) == null
                && channel.isActive()) {
            duplex.shutdownOutput();
            return true;
        }
        channel.close();
        return false;
    }
}
