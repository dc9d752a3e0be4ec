package dev.reverb.server.protocol;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA256 with one secret, as hexadecimal text (RFC 2104; Pusher's auth signatures). Keeps its keyed state, so used
 * by one thread at a time.
 */
public final class Signer {

    private static final HexFormat HEX = HexFormat.of();

    private final Mac mac;

    /** A signer with {@code secret}, which is not empty. */
    public Signer(String secret) {
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** The signature of {@code text}: 64 lower-case hexadecimal digits. */
    public String sign(String text) {
        return HEX.formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The signature of {@code bytes}. */
    public String sign(byte[] bytes) {
        return HEX.formatHex(mac.doFinal(bytes));
    }

    /** Whether {@code signature} is that of {@code text}, in time that does not depend on how much of it is right. */
    public boolean verifies(String text, String signature) {
        return ConstantTime.equalsHex(signature, mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }
}
