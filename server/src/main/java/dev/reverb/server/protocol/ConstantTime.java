package dev.reverb.server.protocol;

/** Compares secrets' texts in a time that depends on their lengths alone, and allocates nothing. Any thread. */
public final class ConstantTime {

    private ConstantTime() {}

    /** Whether {@code given} is {@code expected}. */
    public static boolean equal(String given, String expected) {
        return equal(given, 0, given.length(), expected);
    }

    /** Whether {@code given[from, to)} is {@code expected}. */
    public static boolean equal(String given, int from, int to, String expected) {
        int length = expected.length();
        int difference = length ^ (to - from);
        for (int i = 0; i < length; i++) {
            // as many turns as what is expected has characters, however many were given
            difference |= expected.charAt(i) ^ (from + i < to ? given.charAt(from + i) : 0);
        }
        return difference == 0;
    }

    /** Whether {@code given} is {@code expected}, written as lower-case hexadecimal digits. */
    public static boolean equalsHex(String given, byte[] expected) {
        if (given.length() != expected.length * 2) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < expected.length; i++) {
            difference |= given.charAt(2 * i) ^ digit(expected[i] >> 4 & 15);
            difference |= given.charAt(2 * i + 1) ^ digit(expected[i] & 15);
        }
        return difference == 0;
    }

    /** 0 to 9 and a to f without a table, whose cache line would reveal the value. */
    private static int digit(int value) {
        return value + '0' + (((9 - value) >> 31) & ('a' - '0' - 10));
    }
}
