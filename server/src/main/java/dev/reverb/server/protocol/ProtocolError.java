package dev.reverb.server.protocol;

/**
 * The catalogue of errors that clients are sent as {@code pusher:error}, with the code that a close carries. What
 * {@code pusher-js} does after a close: 4001–4099 and from 4300 up it stays away, 4100–4199 and below 4000 it returns
 * after a second, 4200–4299 at once.
 *
 * @see <a href="https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/">Pusher
 * protocol</a>
 */
public enum ProtocolError {
    /** No application has that key. */
    APPLICATION_NOT_FOUND(4001, "Application does not exist"),
    /** The application was removed a moment ago, and may come back. */
    APPLICATION_AWAY(4100, "Application is not served at this moment"),
    /** The application is disabled. */
    APPLICATION_DISABLED(4003, "Application disabled"),
    /** {@code max_connections} is reached. */
    OVER_QUOTA(4004, "Application is over connection quota"),
    /** A path below {@code /app} that is not {@code /app/{key}}. */
    PATH_NOT_FOUND(4005, "Path not found"),
    /** {@code protocol} is not a number. */
    INVALID_VERSION(4006, "Invalid version string format"),
    /** {@code protocol} is a number that is not spoken. */
    UNSUPPORTED_PROTOCOL(4007, "Unsupported protocol version"),
    /** {@code protocol=} without a value. */
    NO_PROTOCOL(4008, "No protocol version supplied"),
    /** The host of {@code Origin} matches none of the allowed patterns. */
    ORIGIN_NOT_ALLOWED(4009, "Origin not allowed"),
    /** A subscription's or sign-in's signature does not verify. */
    UNAUTHORIZED(4009, "Connection is unauthorized"),
    /** A client event from a connection that is not subscribed. */
    NOT_A_MEMBER(4009, "The client is not a member of the specified channel."),
    /** The connection was terminated through the HTTP API. */
    TERMINATED(4009, "Connection terminated"),
    /** The server serves no more connections, or this one reads too slowly. */
    OVER_CAPACITY(4100, "Over capacity"),
    /** The connection did not keep up with what it is subscribed to. */
    SLOW_READER(4100, "Connection reads too slowly"),
    /** More messages than {@code rate_limiting} allows, with {@code terminate_on_limit}. */
    RATE_LIMIT_CLOSE(4100, "Rate limit exceeded"),
    /** The server is draining and no other one serves: its successor needs a moment until it listens. */
    RETURN_LATER(4100, "Server is restarting"),
    /** The server is draining while others serve. */
    RECONNECT(4200, "Server is restarting"),
    /** Others have far fewer connections. */
    MOVED(4200, "Connection moves to another server"),
    /** A message that is not what the protocol defines. */
    INVALID_MESSAGE(4200, "Invalid message format"),
    /** No answer to a ping. */
    PONG_TIMEOUT(4201, "Pong reply not received in time"),
    /** More messages than {@code rate_limiting} allows. */
    RATE_LIMITED(4301, "Rate limit exceeded"),
    /** Client events are switched off. */
    CLIENT_EVENTS_DISABLED(4301, "The app does not have client messaging enabled."),
    /** More than 100 ids in a watchlist. */
    WATCHLIST_TOO_LONG(4302, "Watchlist limit exceeded");

    private final int code;
    private final String text;
    @SuppressWarnings("ImmutableEnumChecker") // never modified
    private final byte[] message;

    ProtocolError(int code, String text) {
        this.code = code;
        this.text = text;
        this.message = Messages.error(code, text);
    }

    /** The code on the wire. */
    public int code() {
        return code;
    }

    /** The text on the wire. */
    public String text() {
        return text;
    }

    /** The {@code pusher:error} message; do not modify. */
    public byte[] message() {
        return message;
    }
}
