package dev.reverb.server.cluster.redis.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Lua scripts, beside this class as resources. Scripts and not functions, because Redis 6.2 knows no functions. */
public enum Script {
    WRITE, READ, SWEEP, LEASE, QUOTA, TURN, HOOKS, PROBE, MESSAGES, ONCE, HISTORY;

    private final String source = load();
    private final String digest = sha1(source);

    /** Its text. */
    public String source() {
        return source;
    }

    /** What {@code EVALSHA} names it by. */
    String digest() {
        return digest;
    }

    private String load() {
        String text = read(name().toLowerCase(Locale.ROOT) + ".lua");
        return Pattern.compile("-- include (\\w+\\.lua)\n")
                .matcher(text)
                .replaceAll(part -> Matcher.quoteReplacement(read(part.group(1))));
    }

    private static String read(String name) {
        try (InputStream in = Script.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
