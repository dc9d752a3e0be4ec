package dev.reverb.server.config;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Addresses and CIDR ranges as they are written in settings. */
public final class AddressRange {
    private static final Pattern V4 = Pattern.compile(
            "(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:/(?:3[0-2]|[12]?\\d))?");
    private static final Pattern V6 = Pattern
            .compile("(?=[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:)(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{0,4}|[0-9.]+)"
                    + "(?:/(?:12[0-8]|1[01]\\d|\\d?\\d))?");

    private AddressRange() {}

    /**
     * {@code text} itself when it is an address, a range or {@code *}.
     *
     * @throws IllegalArgumentException when it is none of these
     */
    static String check(String text) {
        if (text.equals("*") || V4.matcher(text).matches() || V6.matcher(text).matches()) {
            return text;
        }
        throw new IllegalArgumentException(text);
    }

    /** The same with {@code *} written as ranges. */
    public static List<String> expand(List<String> ranges) {
        return ranges.stream()
                .flatMap(range -> range.equals("*") ? Stream.of("0.0.0.0/0", "::/0") : Stream.of(range))
                .toList();
    }
}
