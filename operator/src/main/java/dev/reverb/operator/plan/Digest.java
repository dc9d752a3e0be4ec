package dev.reverb.operator.plan;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Short digests by which a change is seen. */
public final class Digest {
    private Digest() {}

    /** The first 16 hexadecimal digits of the SHA-256 of {@code text}. */
    public static String of(String text) {
        return sha256(text).substring(0, 16);
    }

    /** The SHA-256 of {@code text}, 64 hexadecimal digits. */
    public static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
