package dev.reverb.server.boot;

import dev.reverb.server.protocol.Signer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneId;

/**
 * Uses at start what opens files when it is used first: a first use that fails because no descriptor is left fails for
 * ever, as a class that could not be initialised is never tried again.
 */
final class EarlyUse {

    private EarlyUse() {}

    /** Begins, beside the rest of a start; takes tens of milliseconds of one core. */
    static Thread begin() {
        return Thread.ofPlatform().daemon().name("reverb-early-use").start(EarlyUse::run);
    }

    private static void run() {
        try {
            new Signer("early").sign("early"); // the policy files of the JCE, and its providers
            MessageDigest.getInstance("MD5").digest();
            MessageDigest.getInstance("SHA-1").digest();
            var _ = new SecureRandom().nextInt(); // the system's source of randomness
            var _ = ZoneId.systemDefault().getRules().getOffset(Instant.now()); // the table of time zones
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5 and SHA-1", e);
        }
        // looked for in every jar of the class path, so that all of them are open before a class of theirs is needed
        var _ = EarlyUse.class.getClassLoader().getResource("dev/reverb/early-use");
    }
}
