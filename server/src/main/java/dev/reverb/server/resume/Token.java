package dev.reverb.server.resume;

import dev.reverb.server.cluster.message.HistoryPoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client has of a channel, as it travels to it and back: everything in the history up to a point, and of some
 * nodes everything up to a number, which the history may have later.
 *
 * @param point null where the server did not know one: nothing can be resumed from it
 * @param seen by node, what the history may have later; bounded, at most {@value #MOST_SEEN}
 * @param had of nodes that published lately, their last numbers, which hold in a history too that Redis lost and was
 *     given again in another order; bounded likewise
 */
public record Token(@Nullable HistoryPoint point, List<Seen> seen, List<Seen> had) {

    /** What says nothing. */
    public static final Token NOTHING = new Token(null, List.of(), List.of());

    /** Nodes of which a client's numbers are remembered. */
    public static final int MOST_SEEN = 8;
    private static final String VERSION = "1";
    private static final String UNKNOWN = "x";
    private static final String HAD = ".~";
    private static final int RADIX = 36;
    private static final Pattern NAME = Pattern.compile("!?[0-9a-zA-Z]{1,64}");

    public Token {
        seen = newest(seen);
        had = newest(had);
    }

    private static List<Seen> newest(List<Seen> all) {
        return List.copyOf(all.size() > MOST_SEEN ? all.subList(all.size() - MOST_SEEN, all.size()) : all);
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
        for (Seen one : had) {
            text.append(HAD).append(one.origin()).append('-').append(Long.toString(one.number(), RADIX));
        }
        return text.toString();
    }

    /** Back from {@link #text}; null when it is none. */
    public static @Nullable Token parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length < 2 || parts.length > 2 + 2 * MOST_SEEN || !parts[0].equals(VERSION)) {
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
            List<Seen> had = new ArrayList<>();
            for (int i = 2; i < parts.length; i++) {
                int from = parts[i].startsWith("~") ? 1 : 0;
                int dash = parts[i].indexOf('-');
                if (dash < from) {
                    return null;
                }
                (from == 1 ? had : seen)
                        .add(new Seen(name(parts[i].substring(from, dash)), number(parts[i].substring(dash + 1))));
            }
            return new Token(point, seen, had);
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
        return new Token(point, seen.stream().filter(one -> !one.origin().equals(node)).toList(), had);
    }

    /** Whether it says nothing. */
    public boolean isEmpty() {
        return point == null && seen.isEmpty() && had.isEmpty();
    }

    /** Whether a client with this has what {@code origin} published as {@code number}, wherever it stands. */
    public boolean saw(String origin, long number) {
        return saw(seen, origin, number) || saw(had, origin, number);
    }

    /** Of each node the last number that a client with this has for certain. */
    public Map<String, Long> numbers() {
        Map<String, Long> numbers = new HashMap<>();
        seen.forEach(one -> numbers.merge(one.origin(), one.number(), Math::max));
        had.forEach(one -> numbers.merge(one.origin(), one.number(), Math::max));
        return numbers;
    }

    private static boolean saw(List<Seen> all, String origin, long number) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).number() >= number && all.get(i).origin().equals(origin)) {
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
