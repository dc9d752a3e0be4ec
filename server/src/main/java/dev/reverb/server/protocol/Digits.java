package dev.reverb.server.protocol;

/** Numbers as protocols write them, where Java's parsers also take a sign and the digits of other scripts. */
public final class Digits {

    private Digits() {}

    /** Whether {@code text} is one digit of ASCII or more, and nothing else. */
    public static boolean only(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
