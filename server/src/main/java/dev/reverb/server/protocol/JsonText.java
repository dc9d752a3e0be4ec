package dev.reverb.server.protocol;

import java.nio.charset.StandardCharsets;

/** The text of JSON strings that are well-formed. */
final class JsonText {

    private JsonText() {}

    /** What {@code json[from, to)}, the inside of a string, stands for. */
    static String unescape(byte[] json, int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        int plain = from;
        int at = from;
        while (at < to) {
            if (json[at] != '\\') {
                at++;
                continue;
            }
            text.append(new String(json, plain, at - plain, StandardCharsets.UTF_8));
            switch (json[at + 1]) {
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    text.append((char) Integer.parseInt(new String(json, at + 2, 4, StandardCharsets.US_ASCII), 16));
                    at += 4;
                }
                default -> text.append((char) json[at + 1]);
            }
            at += 2;
            plain = at;
        }
        return text.append(new String(json, plain, to - plain, StandardCharsets.UTF_8)).toString();
    }
}
