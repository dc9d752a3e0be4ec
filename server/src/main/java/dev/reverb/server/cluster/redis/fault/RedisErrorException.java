package dev.reverb.server.cluster.redis.fault;

/** What a command's callback receives in place of a reply, once it is classified. Without a stack trace. */
public final class RedisErrorException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient RedisError error;

    public RedisErrorException(RedisError error) {
        super(error.toString(), null, false, false);
        this.error = error;
    }

    /** What went wrong. */
    public RedisError error() {
        return error;
    }
}
