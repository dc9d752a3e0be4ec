package dev.reverb.server.transport.http.head;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The time as the {@code Date} header has it (RFC 9110, 5.6.7 and 6.6.1), made once a second. Any thread. */
public final class HttpDate {

    private static final DateTimeFormatter FORMAT = DateTimeFormatter
            .ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private record Second(long second, byte[] text) {}

    private static volatile Second last = of(0);

    private HttpDate() {}

    /** The bytes for now; not to be modified. */
    public static byte[] bytes() {
        return current().text;
    }

    /** The text for now. */
    public static String text() {
        return new String(current().text, StandardCharsets.US_ASCII);
    }

    private static Second current() {
        long second = System.currentTimeMillis() / 1000;
        Second known = last;
        if (known.second != second) {
            known = of(second);
            last = known;
        }
        return known;
    }

    private static Second of(long second) {
        return new Second(second, FORMAT.format(Instant.ofEpochSecond(second)).getBytes(StandardCharsets.US_ASCII));
    }
}
