package dev.reverb.server.api.exchange;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query as the server libraries send it: nothing encoded, no arrays, keys in lower case and in order. What is signed
 * is then part of its text, and nothing is copied but the values that are asked for.
 */
final class PlainQuery implements Query {

    private static final int FIELDS = 3;

    private final String text;
    /** For each parameter where it starts, where its {@code =} is, and where it ends. */
    private final int[] bounds;
    private final int size;

    private PlainQuery(String text, int[] bounds, int size) {
        this.text = text;
        this.bounds = bounds;
        this.size = size;
    }

    /** The query, or null when it has another form. */
    static @Nullable PlainQuery of(String text) {
        int[] bounds = new int[FIELDS * 8];
        int size = 0;
        int previous = -1;
        int start = 0;
        int equals = -1;
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? '&' : text.charAt(i);
            if (c == '&') {
                if (equals < 0) {
                    return null;
                }
                if (size + FIELDS > bounds.length) {
                    bounds = Arrays.copyOf(bounds, size * 2);
                }
                bounds[size] = start;
                bounds[size + 1] = equals;
                bounds[size + 2] = i;
                if (!is(text, start, equals, SIGNATURE)) {
                    if (previous >= 0 && after(text, bounds[previous], bounds[previous + 1], start, equals)) {
                        return null;
                    }
                    previous = size;
                }
                size += FIELDS;
                start = i + 1;
                equals = -1;
            } else if (c == '%' || c == '+' || c > '~' || (equals < 0 && (c == '[' || (c >= 'A' && c <= 'Z')))) {
                return null;
            } else if (c == '=' && equals < 0) {
                equals = i;
            }
        }
        return new PlainQuery(text, bounds, size);
    }

    private static boolean is(String text, int from, int to, String key) {
        return to - from == key.length() && text.startsWith(key, from);
    }

    /** Whether the key at {@code a} has to stand behind the one at {@code b}. */
    private static boolean after(String text, int a, int aEnd, int b, int bEnd) {
        int length = Math.min(aEnd - a, bEnd - b);
        for (int i = 0; i < length; i++) {
            int difference = text.charAt(a + i) - text.charAt(b + i);
            if (difference != 0) {
                return difference > 0;
            }
        }
        return aEnd - a > bEnd - b;
    }

    @Override
    public @Nullable String get(String key) {
        for (int i = size - FIELDS; i >= 0; i -= FIELDS) {
            if (is(text, bounds[i], bounds[i + 1], key)) {
                return text.substring(bounds[i + 1] + 1, bounds[i + 2]);
            }
        }
        return null;
    }

    @Override
    public List<String> signed() {
        StringBuilder signed = new StringBuilder(text.length());
        for (int i = 0; i < size; i += FIELDS) {
            if (!is(text, bounds[i], bounds[i + 1], SIGNATURE)) {
                if (!signed.isEmpty()) {
                    signed.append('&');
                }
                signed.append(text, bounds[i], bounds[i + 2]);
            }
        }
        return List.of(signed.toString());
    }
}
