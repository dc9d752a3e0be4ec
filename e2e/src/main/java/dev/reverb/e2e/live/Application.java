package dev.reverb.e2e.live;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Where one application is served, and its credentials.
 *
 * @param base {@code http://host:port}
 */
public record Application(URI base, String id, String key, String secret) {

    /** Where clients connect. */
    public URI webSocket() {
        String scheme = base.getScheme().equals("https") ? "wss" : "ws";
        return URI.create(scheme + "://" + base.getAuthority() + "/app/" + key + "?protocol=7&client=e2e&version=1");
    }

    /**
     * A signed address of the HTTP API.
     *
     * @param path below {@code /apps/ID}, starting with a slash
     * @param body empty for a request without one
     */
    public URI api(String method, String path, String body) {
        String full = "/apps/" + id + path;
        String query = "auth_key=" + key + "&auth_timestamp=" + Instant.now().getEpochSecond() + "&auth_version=1.0";
        if (!body.isEmpty()) {
            query += "&body_md5=" + md5(body);
        }
        return URI.create(base + full + "?" + query + "&auth_signature=" + sign(method + "\n" + full + "\n" + query));
    }

    /** What a back end answers to a client that wants to join a private channel. */
    public String auth(String socketId, String channel) {
        return key + ":" + sign(socketId + ":" + channel);
    }

    /** The same for a presence channel. */
    public String auth(String socketId, String channel, String channelData) {
        return key + ":" + sign(socketId + ":" + channel + ":" + channelData);
    }

    private String sign(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String md5(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
