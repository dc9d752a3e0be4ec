package dev.reverb.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of the parts of a URI (RFC 3986, 2.1), where a plus sign is a plus sign. Pure. */
public final class PercentEncoding {

    private static final int HEX = 16;

    private PercentEncoding() {}

    /** What {@code part} stands for, as UTF-8; itself when a percent sign in it begins no encoded byte. */
    public static String decoded(String part) {
        if (part.indexOf('%') < 0) {
            return part;
        }
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], HEX) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], HEX) : -1;
            if (high < 0 || low < 0) {
                return part;
            }
            decoded.write(high * HEX + low);
            i += 2;
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }
}
