package dev.reverb.server.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks that bytes are one JSON object (RFC 8259, UTF-8 included) and notes where the values of a few top-level names
 * lie, without building anything. Values that are only relayed can so be copied byte for byte: large numbers keep their
 * digits, empty objects stay objects.
 *
 * <p>Of a name that occurs twice the last value counts. Nesting deeper than {@value #MAX_DEPTH} counts as malformed.
 * An instance is reused for every message of one thread.
 */
public final class JsonObjectScanner {

    /** Levels of nesting that are followed. */
    public static final int MAX_DEPTH = 128;

    private final byte[][] names;
    private final int[] starts;
    private final int[] ends;
    private byte[] json = new byte[0];
    private int pos;
    private int limit;

    /** A scanner that notes the values of {@code names}, addressed by their place in the list. */
    public JsonObjectScanner(String... names) {
        this.names = new byte[names.length][];
        for (int i = 0; i < names.length; i++) {
            this.names[i] = names[i].getBytes(StandardCharsets.UTF_8);
        }
        starts = new int[names.length];
        ends = new int[names.length];
    }

    /** Scans {@code bytes[from, to)}; false when that is not exactly one well-formed object. */
    public boolean scan(byte[] bytes, int from, int to) {
        json = bytes;
        pos = from;
        limit = to;
        java.util.Arrays.fill(starts, -1);
        skipSpace();
        if (pos >= limit || json[pos] != '{') {
            return false;
        }
        if (!object(0)) {
            return false;
        }
        skipSpace();
        return pos == limit;
    }

    /** Whether {@code bytes} are one well-formed JSON value of any type. */
    public static boolean wellFormed(byte[] bytes) {
        JsonObjectScanner scanner = new JsonObjectScanner();
        scanner.json = bytes;
        scanner.limit = bytes.length;
        scanner.skipSpace();
        if (!scanner.value(0)) {
            return false;
        }
        scanner.skipSpace();
        return scanner.pos == scanner.limit;
    }

    /** Whether {@code field} is a string, {@code null} or not there. */
    public boolean stringOrNone(int field) {
        return type(field) == '"' || !hasValue(field);
    }

    /** An object, whose values are noted when it is the outermost: {@code depth} 0. */
    private boolean object(int depth) {
        pos++;
        skipSpace();
        if (pos < limit && json[pos] == '}') {
            pos++;
            return true;
        }
        while (true) {
            skipSpace();
            int nameStart = pos + 1;
            if (!string()) {
                return false;
            }
            int field = depth == 0 ? field(nameStart, pos - 1) : -1;
            skipSpace();
            if (pos >= limit || json[pos++] != ':') {
                return false;
            }
            skipSpace();
            int start = pos;
            if (!value(depth + 1)) {
                return false;
            }
            if (field >= 0) {
                starts[field] = start;
                ends[field] = pos;
            }
            skipSpace();
            if (pos >= limit) {
                return false;
            }
            byte b = json[pos++];
            if (b == '}') {
                return true;
            }
            if (b != ',') {
                return false;
            }
        }
    }

    private int field(int from, int to) {
        int length = to - from;
        for (int i = 0; i < names.length; i++) {
            byte[] name = names[i];
            if (name.length == length && java.util.Arrays.equals(name, 0, length, json, from, to)) {
                return i;
            }
        }
        for (int i = from; i < to; i++) {
            if (json[i] == '\\') { // a name may be written with escapes
                byte[] decoded = JsonText.unescape(json, from, to).getBytes(StandardCharsets.UTF_8);
                for (int n = 0; n < names.length; n++) {
                    if (java.util.Arrays.equals(names[n], decoded)) {
                        return n;
                    }
                }
                return -1;
            }
        }
        return -1;
    }

    private boolean value(int depth) {
        if (pos >= limit || depth > MAX_DEPTH) {
            return false;
        }
        return switch (json[pos]) {
            case '"' -> string();
            case '{' -> object(depth);
            case '[' -> array(depth);
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        };
    }

    private boolean array(int depth) {
        pos++;
        skipSpace();
        if (pos < limit && json[pos] == ']') {
            pos++;
            return true;
        }
        while (true) {
            skipSpace();
            if (!value(depth + 1)) {
                return false;
            }
            skipSpace();
            if (pos >= limit) {
                return false;
            }
            byte b = json[pos++];
            if (b == ']') {
                return true;
            }
            if (b != ',') {
                return false;
            }
        }
    }

    private boolean literal(String word) {
        int length = word.length();
        if (limit - pos < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (json[pos + i] != word.charAt(i)) {
                return false;
            }
        }
        pos += length;
        return true;
    }

    private boolean number() {
        if (json[pos] == '-') {
            pos++;
        }
        if (pos >= limit) {
            return false;
        }
        if (json[pos] == '0') {
            pos++;
        } else if (!digits()) {
            return false;
        }
        if (pos < limit && json[pos] == '.') {
            pos++;
            if (!digits()) {
                return false;
            }
        }
        if (pos < limit && (json[pos] == 'e' || json[pos] == 'E')) {
            pos++;
            if (pos < limit && (json[pos] == '+' || json[pos] == '-')) {
                pos++;
            }
            return digits();
        }
        return true;
    }

    private boolean digits() {
        int start = pos;
        while (pos < limit && json[pos] >= '0' && json[pos] <= '9') {
            pos++;
        }
        return pos > start;
    }

    private boolean string() {
        if (pos >= limit || json[pos] != '"') {
            return false;
        }
        pos++;
        while (pos < limit) {
            byte b = json[pos];
            if (b == '"') {
                pos++;
                return true;
            }
            if (b == '\\') {
                if (!escape()) {
                    return false;
                }
            } else if (b < 0) {
                int length = Utf8.sequence(json, pos, limit);
                if (length == 0) {
                    return false;
                }
                pos += length;
            } else if (b < 0x20) {
                return false;
            } else {
                pos++;
            }
        }
        return false;
    }

    private boolean escape() {
        if (pos + 1 >= limit) {
            return false;
        }
        int length = switch (json[pos + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> 2;
            case 'u' -> hexDigits(pos + 2) ? 6 : 0;
            default -> 0;
        };
        pos += length;
        return length > 0;
    }

    private boolean hexDigits(int at) {
        if (at + 3 >= limit) {
            return false;
        }
        for (int i = at; i < at + 4; i++) {
            if (Character.digit(json[i], 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private void skipSpace() {
        while (pos < limit) {
            byte b = json[pos];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return;
            }
            pos++;
        }
    }

    /** Whether the object has {@code field}. */
    public boolean has(int field) {
        return starts[field] >= 0;
    }

    /** Whether {@code field} is there and not {@code null}. */
    public boolean hasValue(int field) {
        return starts[field] >= 0 && json[starts[field]] != 'n';
    }

    /** First byte of the value. */
    public int start(int field) {
        return starts[field];
    }

    /** One past the last byte of the value. */
    public int end(int field) {
        return ends[field];
    }

    /** First byte of the value, which determines its type; 0 when there is none. */
    public byte type(int field) {
        return starts[field] < 0 ? 0 : json[starts[field]];
    }

    /** The value, decoded, when it is a string; null otherwise. */
    public @Nullable String string(int field) {
        return type(field) == '"' ? decode(json, starts[field], ends[field]) : null;
    }

    /** Bytes of UTF-8 that a string value stands for, without its quotes and escapes. */
    public int decodedSize(int field) {
        int size = 0;
        int end = ends[field] - 1;
        int at = starts[field] + 1;
        while (at < end) {
            if (json[at] != '\\') {
                at++;
                size++;
            } else if (json[at + 1] != 'u') {
                at += 2;
                size++;
            } else {
                int unit = Integer.parseInt(new String(json, at + 2, 4, StandardCharsets.US_ASCII), 16);
                size += unit < 0x80 ? 1 : unit < 0x800 || Character.isSurrogate((char) unit) ? 2 : 3;
                at += 6;
            }
        }
        return size;
    }

    /** The value as its bytes. */
    public byte[] raw(int field) {
        return java.util.Arrays.copyOfRange(json, starts[field], ends[field]);
    }

    /** The elements of the value when it is an array, each as {start, end}; null otherwise. */
    public @Nullable List<int[]> elements(int field) {
        if (type(field) != '[') {
            return null;
        }
        List<int[]> elements = new ArrayList<>();
        pos = starts[field] + 1;
        limit = ends[field];
        skipSpace();
        while (json[pos] != ']') {
            skipSpace();
            int start = pos;
            if (!value(2)) {
                throw new IllegalStateException("scanned before, so well-formed");
            }
            elements.add(new int[]{start, pos});
            skipSpace();
            if (json[pos] == ',') {
                pos++;
                skipSpace();
            }
        }
        return elements;
    }

    /** The text of the JSON string {@code json[from, to)}, quotes included in the range. */
    public static String decode(byte[] json, int from, int to) {
        for (int i = from + 1; i < to - 1; i++) {
            if (json[i] == '\\') {
                return JsonText.unescape(json, from + 1, to - 1);
            }
        }
        return new String(json, from + 1, to - from - 2, StandardCharsets.UTF_8);
    }
}
