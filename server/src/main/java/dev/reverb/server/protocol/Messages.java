package dev.reverb.server.protocol;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/** What the server says to clients, as complete UTF-8 JSON messages. */
public final class Messages {

    /** {@code pusher:ping}. */
    public static final byte[] PING = ascii("{\"event\":\"pusher:ping\"}");
    /** {@code pusher:pong}. */
    public static final byte[] PONG = ascii("{\"event\":\"pusher:pong\"}");

    private static final byte[] EVENT = ascii("{\"event\":");
    private static final byte[] CHANNEL = ascii(",\"channel\":");
    private static final byte[] DATA = ascii(",\"data\":");
    private static final byte[] USER_ID = ascii(",\"user_id\":");

    private Messages() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** {@code pusher:connection_established}. */
    public static byte[] established(long socketId, Duration activityTimeout) {
        return ascii("{\"event\":\"pusher:connection_established\",\"data\":\"{\\\"socket_id\\\":\\\""
                + SocketId.format(socketId) + "\\\",\\\"activity_timeout\\\":" + activityTimeout.toSeconds() + "}\"}");
    }

    /** {@code pusher:error}. */
    public static byte[] error(int code, String text) {
        byte[] data = new JsonWriter(96).ascii("{\"code\":" + code + ",\"message\":").string(text).ascii("}").toBytes();
        return new JsonWriter(160).ascii("{\"event\":\"pusher:error\",\"data\":")
                .string(data, 0, data.length)
                .ascii("}")
                .toBytes();
    }

    /** {@code pusher_internal:subscription_succeeded} of a channel without members. */
    public static byte[] subscribed(String channel) {
        return new JsonWriter(96 + channel.length())
                .ascii("{\"event\":\"pusher_internal:subscription_succeeded\",\"data\":\"{}\",\"channel\":")
                .string(channel)
                .ascii("}")
                .toBytes();
    }

    /** {@code pusher_internal:moving}: the server closes this connection with {@code code} in so many milliseconds. */
    public static byte[] moving(int code, long withinMillis) {
        return ascii("{\"event\":\"pusher_internal:moving\",\"data\":\"{\\\"code\\\":" + code + ",\\\"within_ms\\\":"
                + withinMillis + "}\"}");
    }

    /** {@code pusher:cache_miss}. */
    public static byte[] cacheMiss(String channel) {
        return new JsonWriter(48 + channel.length()).ascii("{\"event\":\"pusher:cache_miss\",\"channel\":")
                .string(channel)
                .ascii("}")
                .toBytes();
    }

    /** {@code pusher_internal:subscription_count}. */
    public static byte[] subscriptionCount(String channel, int count) {
        return internal("pusher_internal:subscription_count", channel, ascii("{\"subscription_count\":" + count + "}"));
    }

    /** An event whose {@code data} is {@code text}, as a JSON string on the wire. */
    public static byte[] internal(String event, String channel, byte[] text) {
        return new JsonWriter(64 + event.length() + channel.length() + text.length * 2).raw(EVENT)
                .string(event)
                .raw(DATA)
                .string(text, 0, text.length)
                .raw(CHANNEL)
                .string(channel)
                .ascii("}")
                .toBytes();
    }

    /**
     * An event whose {@code data} is a text, as a JSON string on the wire.
     *
     * @param size bytes of the text as it stands within the string
     * @param text appends the text, escaped
     */
    public static byte[] internal(String event, String channel, int size, Consumer<JsonWriter> text) {
        JsonWriter writer = new JsonWriter(64 + event.length() + channel.length() * 6 + size).raw(EVENT)
                .string(event)
                .raw(DATA)
                .ascii("\"");
        text.accept(writer);
        return writer.ascii("\"").raw(CHANNEL).string(channel).ascii("}").toBytes();
    }

    /**
     * An event with {@code data} copied as it came.
     *
     * @param event the name as a JSON string with its quotes
     * @param source holds {@code data}, a JSON value, within {@code [from, to)}; there is none when {@code from} is
     *     negative
     */
    public static byte[] event(byte[] event, String channel, byte[] source, int from, int to) {
        JsonWriter writer = new JsonWriter(40 + event.length + channel.length() + Math.max(0, to - from)).raw(EVENT)
                .raw(event)
                .raw(CHANNEL)
                .string(channel);
        if (from >= 0) {
            writer.raw(DATA).raw(source, from, to);
        }
        return writer.ascii("}").toBytes();
    }

    /** As {@link #event}, with the {@code user_id} (a JSON value) of the presence member that sent it. */
    public static byte[] memberEvent(byte[] event, String channel, byte[] source, int from, int to, byte[] userId) {
        JsonWriter writer = new JsonWriter(56 + event.length + channel.length() + Math.max(0, to - from)).raw(EVENT)
                .raw(event)
                .raw(CHANNEL)
                .string(channel);
        if (from >= 0) {
            writer.raw(DATA).raw(source, from, to);
        }
        return writer.raw(USER_ID).raw(userId).ascii("}").toBytes();
    }
}
