package dev.reverb.server.protocol;

/** UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. */
public final class Utf8 {

    private Utf8() {}

    /** Whether {@code bytes[from, to)} is well-formed. */
    public static boolean valid(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (bytes[i] >= 0) {
                i++;
            } else {
                int length = sequence(bytes, i, to);
                if (length == 0) {
                    return false;
                }
                i += length;
            }
        }
        return true;
    }

    /** Length of the multi-byte sequence at {@code at}, 2 to 4; 0 when it is malformed or cut by {@code limit}. */
    static int sequence(byte[] bytes, int at, int limit) {
        int lead = bytes[at] & 0xFF;
        if (lead < 0xC2) {
            return 0;
        }
        if (lead < 0xE0) {
            return at + 1 < limit && continues(bytes[at + 1]) ? 2 : 0;
        }
        if (lead < 0xF0) {
            if (at + 2 >= limit || !continues(bytes[at + 1]) || !continues(bytes[at + 2])) {
                return 0;
            }
            int second = bytes[at + 1] & 0xFF;
            return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ? 0 : 3;
        }
        if (lead > 0xF4 || at + 3 >= limit || !continues(bytes[at + 1]) || !continues(bytes[at + 2])
                || !continues(bytes[at + 3])) {
            return 0;
        }
        int second = bytes[at + 1] & 0xFF;
        return (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F) ? 0 : 4;
    }

    private static boolean continues(byte b) {
        return (b & 0xC0) == 0x80;
    }

    /** Whether {@code text} can be written as UTF-8: every surrogate is one of a pair (RFC 3629, section 3). */
    public static boolean encodable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c) || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
