package dev.reverb.server.resume;

import dev.reverb.server.cluster.HistoryPoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client has of a channel, as it travels to it and back: everything in the history up to a point, and of some
 * nodes everything up to a number, which the history may have later.
 *
 * @param point null where the server did not know one: nothing can be resumed from it
 * @param seen by node; bounded, at most {@value #MOST_SEEN}
 */
public record Token(@Nullable HistoryPoint point, List<Seen> seen) {

    /** Nodes of which a client's numbers are remembered. */
    public static final int MOST_SEEN = 8;
    private static final String VERSION = "1";
    private static final String UNKNOWN = "x";
    private static final int RADIX = 36;
    private static final Pattern NAME = Pattern.compile("!?[0-9a-zA-Z]{1,64}");

    public Token {
        seen = List.copyOf(seen.size() > MOST_SEEN ? seen.subList(seen.size() - MOST_SEEN, seen.size()) : seen);
    }

    /** As clients see it: characters that need no escape in JSON or in a query. */
    public String text() {
        StringBuilder text = new StringBuilder(64).append(VERSION).append('.');
        if (point == null) {
            text.append(UNKNOWN);
        } else {
            text.append(Long.toString(point.millis(), RADIX))
                    .append('-')
                    .append(Long.toString(point.sequence(), RADIX))
                    .append('-')
                    .append(point.origin().replace('!', '_'))
                    .append('-')
                    .append(Long.toString(point.number(), RADIX));
        }
        for (Seen one : seen) {
            text.append('.').append(one.origin()).append('-').append(Long.toString(one.number(), RADIX));
        }
        return text.toString();
    }

    /** Back from {@link #text}; null when it is none. */
    public static @Nullable Token parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length < 2 || parts.length > 2 + MOST_SEEN || !parts[0].equals(VERSION)) {
            return null;
        }
        try {
            HistoryPoint point = null;
            if (!parts[1].equals(UNKNOWN)) {
                String[] fields = parts[1].split("-", -1);
                if (fields.length != 4) {
                    return null;
                }
                point = new HistoryPoint(number(fields[0]), number(fields[1]), name(fields[2].replace('_', '!')),
                        number(fields[3]));
            }
            List<Seen> seen = new ArrayList<>();
            for (int i = 2; i < parts.length; i++) {
                int dash = parts[i].indexOf('-');
                if (dash < 0) {
                    return null;
                }
                seen.add(new Seen(name(parts[i].substring(0, dash)), number(parts[i].substring(dash + 1))));
            }
            return new Token(point, seen);
        } catch (NumberFormatException notOurs) {
            return null;
        }
    }

    private static long number(String text) {
        long value = Long.parseLong(text, RADIX);
        if (value < 0) {
            throw new NumberFormatException(text);
        }
        return value;
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new NumberFormatException("no node");
        }
        return text;
    }

    /** The same without what is said of {@code node}. */
    public Token without(String node) {
        return new Token(point, seen.stream().filter(one -> !one.origin().equals(node)).toList());
    }

    /** Whether it says nothing. */
    public boolean isEmpty() {
        return point == null && seen.isEmpty();
    }

    /** Whether a client with this has what {@code origin} published as {@code number}, wherever it stands. */
    public boolean saw(String origin, long number) {
        for (int i = 0; i < seen.size(); i++) {
            if (seen.get(i).number() >= number && seen.get(i).origin().equals(origin)) {
                return true;
            }
        }
        return false;
    }

    /** {@code message}, a JSON object, with this as its last member. */
    public byte[] in(byte[] message) {
        return in(message, text());
    }

    /** {@code message}, a JSON object, with {@code position} as its last member. */
    public static byte[] in(byte[] message, String position) {
        byte[] member = (",\"position\":\"" + position + "\"}").getBytes(StandardCharsets.US_ASCII);
        byte[] whole = new byte[message.length - 1 + member.length];
        System.arraycopy(message, 0, whole, 0, message.length - 1);
        System.arraycopy(member, 0, whole, message.length - 1, member.length);
        return whole;
    }
}
