package dev.reverb.server.protocol;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The id of a connection on the wire, {@code N.N} with each N in 1..10⁹, kept as one {@code long}: 16 bytes fewer per
 * connection than text, and compared in one instruction when a publication excludes its sender.
 */
public final class SocketId {

    private static final int MAX = 1_000_000_000;

    private SocketId() {}

    /** A random id; never 0. */
    public static long random() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return pack(random.nextInt(1, MAX + 1), random.nextInt(1, MAX + 1));
    }

    /** Packs the two numbers. */
    public static long pack(int first, int second) {
        return ((long) first << 32) | second;
    }

    /** The text form. */
    public static String format(long id) {
        return (id >>> 32) + "." + (id & 0xFFFFFFFFL);
    }

    /**
     * Parses {@code N.N}.
     *
     * @return the packed id, 0 when the text has the right form but can be no id of ours (numbers out of range), or
     *     null
     *     when it does not have the form {@code digits.digits}
     */
    public static @Nullable Long parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 1 || dot == text.length() - 1 || text.length() > 40) {
            return null;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (i != dot && (c < '0' || c > '9')) {
                return null;
            }
        }
        if (dot > 10 || text.length() - dot > 11) {
            return 0L;
        }
        long first = Long.parseLong(text, 0, dot, 10);
        long second = Long.parseLong(text, dot + 1, text.length(), 10);
        return first > MAX || second > MAX ? 0L : pack((int) first, (int) second);
    }
}
