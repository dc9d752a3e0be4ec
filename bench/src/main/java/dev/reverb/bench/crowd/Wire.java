package dev.reverb.bench.crowd;

import java.util.HexFormat;

/**
 * What the load puts on the wire, as text: channel names, payloads, bodies. Every name and payload has a
 * fixed width, so that the floor finds its way without parsing. Pure; any thread.
 */
public final class Wire {
    /** Bytes of an event's data. */
    public static final int PAYLOAD = 64;

    /** Opens a payload; eight hexadecimal digits follow, the number of the publication. */
    public static final char MARK = '~';

    /** Digits at the end of a channel's name. */
    public static final int CHANNEL_DIGITS = 5;

    /** What a publication's body starts with; the channel's name follows. */
    public static final String BODY_START = "{\"name\":\"bench-event\",\"channels\":[\"";

    /** What stands between the channel's name and the payload. */
    public static final String BODY_DATA = "\"],\"data\":\"";

    /** What a client event starts with; the channel's name follows. */
    public static final String CLIENT_EVENT_START = "{\"event\":\"client-bench\",\"channel\":\"";

    private static final String FILLER = "The quick brown fox jumps over the lazy dog and runs on.";

    private Wire() {}

    /** A public channel's name. */
    public static String channel(int number) {
        return "bench-" + digits(number);
    }

    /** A private channel's name. */
    public static String room(int number) {
        return "private-room-" + digits(number);
    }

    /** A payload of {@link #PAYLOAD} bytes that carries {@code id}. */
    public static String payload(int id) {
        return (MARK + HexFormat.of().toHexDigits(id) + FILLER).substring(0, PAYLOAD);
    }

    /** The body of a publication. */
    public static String body(String channel, int id) {
        return BODY_START + channel + BODY_DATA + payload(id) + "\"}";
    }

    /** A client event's message; its data is an object because some servers accept nothing else. */
    public static String clientEvent(String room, int id) {
        return CLIENT_EVENT_START + room + "\",\"data\":{\"m\":\"" + payload(id) + "\"}}";
    }

    private static String digits(int number) {
        String text = Integer.toString(100_000 + number);
        if (number < 0 || text.length() != CHANNEL_DIGITS + 1) {
            throw new IllegalArgumentException("channels are numbered from 0 to 99999, not " + number);
        }
        return text.substring(1);
    }
}
