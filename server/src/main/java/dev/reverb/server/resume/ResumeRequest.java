package dev.reverb.server.resume;

import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.SocketId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The {@code resume} object of a subscription.
 *
 * @param position what the client has, as it was sent to it; null on a first subscription
 * @param socketId packed id of the connection that it had; 0 for none
 * @param rewindCount how many of the last messages it wants; 0 for none
 * @param rewindSeconds of how many seconds it wants the messages; 0 for none
 * @param fallback what it gets where the gap cannot be closed
 * @param refused whether nothing is read for it, as its connection asks too often
 */
public record ResumeRequest(
        @Nullable String position,
        long socketId,
        int rewindCount,
        int rewindSeconds,
        Fallback fallback,
        boolean refused) {

    /** What comes where the gap cannot be closed. */
    public enum Fallback {
        /** All that is kept. */
        TAIL,
        /** What a subscriber without a position gets. */
        CACHE,
        /** Nothing. */
        NONE
    }

    /** A request that cannot be read. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String reason) {
            super(reason, null, false, false);
        }
    }

    private static final int MOST_POSITION = 1000;

    /** Whether messages of the past are wanted. */
    public boolean reads() {
        return position != null || rewindCount > 0 || rewindSeconds > 0;
    }

    /** The same, for which nothing is read. */
    public ResumeRequest refuse() {
        return new ResumeRequest(position, socketId, rewindCount, rewindSeconds, fallback, true);
    }

    /**
     * Reads the object {@code json}.
     *
     * @throws Malformed when a member is not what is allowed; the message names it
     */
    public static ResumeRequest parse(byte[] json) throws Malformed {
        JsonObjectScanner fields = new JsonObjectScanner("position", "socket_id", "rewind", "fallback");
        if (!fields.scan(json, 0, json.length)) {
            throw new Malformed("resume is no object");
        }
        String position = text(fields, 0, "resume.position");
        if (position != null && position.length() > MOST_POSITION) {
            throw new Malformed("resume.position has more than " + MOST_POSITION + " characters");
        }
        String socket = text(fields, 1, "resume.socket_id");
        Long packed = socket == null ? Long.valueOf(0) : SocketId.parse(socket);
        if (packed == null) {
            throw new Malformed("resume.socket_id is no socket id");
        }
        int[] rewind = {0, 0};
        if (fields.hasValue(2)) {
            JsonObjectScanner amounts = new JsonObjectScanner("count", "seconds");
            byte[] raw = fields.raw(2);
            if (fields.type(2) != '{' || !amounts.scan(raw, 0, raw.length)
                    || amounts.hasValue(0) == amounts.hasValue(1)) {
                throw new Malformed("resume.rewind is no object with either count or seconds");
            }
            for (int i = 0; i < 2; i++) {
                rewind[i] = amounts.hasValue(i) ? amount(amounts.raw(i)) : 0;
            }
        }
        return new ResumeRequest(position, packed, rewind[0], rewind[1], fallback(text(fields, 3, "resume.fallback")),
                false);
    }

    private static @Nullable String text(JsonObjectScanner fields, int field, String name) throws Malformed {
        if (!fields.stringOrNone(field)) {
            throw new Malformed(name + " is no string");
        }
        return fields.hasValue(field) ? fields.string(field) : null;
    }

    private static int amount(byte[] digits) throws Malformed {
        int value = 0;
        for (byte digit : digits) {
            if (digit < '0' || digit > '9' || digits.length > 9) {
                throw new Malformed("resume.rewind wants a whole number, at least 1");
            }
            value = value * 10 + digit - '0';
        }
        if (value == 0) {
            throw new Malformed("resume.rewind wants a whole number, at least 1");
        }
        return value;
    }

    private static Fallback fallback(@Nullable String text) throws Malformed {
        if (text == null) {
            return Fallback.CACHE;
        }
        for (Fallback fallback : Fallback.values()) {
            if (fallback.name().toLowerCase(Locale.ROOT).equals(text)) {
                return fallback;
            }
        }
        throw new Malformed("resume.fallback is none of tail, cache, none");
    }
}
