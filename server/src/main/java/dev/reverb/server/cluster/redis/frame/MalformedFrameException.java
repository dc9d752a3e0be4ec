package dev.reverb.server.cluster.redis.frame;

/** What stands in a log or came as a message is no frame. Without a stack trace: there may be many. */
public final class MalformedFrameException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedFrameException(String reason) {
        super(reason, null, false, false);
    }
}
