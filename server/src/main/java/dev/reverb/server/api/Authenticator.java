package dev.reverb.server.api;

import dev.reverb.model.App;
import dev.reverb.model.PercentEncoding;
import dev.reverb.server.api.exchange.Query;
import dev.reverb.server.protocol.ConstantTime;
import dev.reverb.server.protocol.Digits;
import dev.reverb.server.protocol.Signers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Checks a request's signature.
 *
 * @see <a href="https://pusher.com/docs/channels/library_auth_reference/rest-api/#authentication">REST API,
 * authentication</a>
 */
final class Authenticator {

    private static final ThreadLocal<MessageDigest> MD5 = ThreadLocal.withInitial(() -> {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    });

    private static final String NO_TIME = "auth_timestamp must be a number of seconds";

    private final long toleranceSeconds;

    /** @param tolerance how far a request's time may lie from this server's */
    Authenticator(Duration tolerance) {
        toleranceSeconds = tolerance.toSeconds();
    }

    /** Null when a head is signed for {@code app}; otherwise what is wrong. */
    @Nullable
    String refuse(String method, String path, Query query, App app, Signers signers) {
        String key = query.get("auth_key");
        String timestamp = query.get("auth_timestamp");
        String signature = query.get("auth_signature");
        if (key == null || timestamp == null || signature == null) {
            return "auth_key, auth_timestamp, auth_version and auth_signature are required";
        }
        if (!"1.0".equals(query.get("auth_version"))) {
            return "auth_version must be 1.0";
        }
        if (!ConstantTime.equal(key, app.key())) {
            return "auth_key is not the key of this application";
        }
        String late = late(timestamp);
        if (late != null) {
            return late;
        }
        String decoded = PercentEncoding.decoded(path); // some server libraries sign the path before they encode it
        for (String text : query.signed()) {
            if (signers.verifies(app.secrets(), method + "\n" + path + "\n" + text, signature) || (!decoded.equals(path)
                    && signers.verifies(app.secrets(), method + "\n" + decoded + "\n" + text, signature))) {
                return null;
            }
        }
        return "auth_signature does not verify: expected HMAC-SHA256 over " + method + "\\n" + path
                + "\\n and the sorted parameters";
    }

    /** Null when {@code md5}, which is signed, is that of the body; otherwise what is wrong. */
    static @Nullable String refuseBody(@Nullable String md5, byte[] body, int length) {
        if (md5 == null) {
            return length == 0 ? null : "body_md5 is required where there is a body";
        }
        MessageDigest digest = MD5.get();
        digest.update(body, 0, length);
        return ConstantTime.equalsHex(md5, digest.digest()) ? null : "body_md5 is not the MD5 of the body";
    }

    private @Nullable String late(String timestamp) {
        if (!Digits.only(timestamp)) {
            return NO_TIME;
        }
        long seconds;
        try {
            seconds = Long.parseLong(timestamp);
        } catch (NumberFormatException e) { // more than a long holds
            return NO_TIME;
        }
        long now = System.currentTimeMillis() / 1000;
        long distance = Math.abs(Math.subtractExact(now, Math.clamp(seconds, 0, Long.MAX_VALUE / 2)));
        return distance > toleranceSeconds
                ? "auth_timestamp lies more than " + toleranceSeconds + " s from this server's time, " + now
                : null;
    }
}
