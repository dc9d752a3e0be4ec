package dev.reverb.testkit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What one application signs with. */
public record Credentials(String appId, String key, String secret) {

    /** Lower-case hex of the HMAC-SHA256 of {@code text} under the secret. */
    public String sign(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The {@code auth} of a private subscription. */
    public String auth(String socketId, String channel) {
        return key + ":" + sign(socketId + ":" + channel);
    }

    /** The {@code auth} of a presence subscription. */
    public String auth(String socketId, String channel, String channelData) {
        return key + ":" + sign(socketId + ":" + channel + ":" + channelData);
    }

    /** The {@code auth} of a sign-in. */
    public String userAuth(String socketId, String userData) {
        return key + ":" + sign(socketId + "::user::" + userData);
    }

    public static String md5(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
