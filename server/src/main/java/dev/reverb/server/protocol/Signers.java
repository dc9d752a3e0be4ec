package dev.reverb.server.protocol;

import java.util.HashMap;
import java.util.Map;

/**
 * Signers by secret, kept because a key schedule costs more than a signature. Holds at most {@value #MOST}. One thread.
 */
public final class Signers {

    private static final int MOST = 1024;

    private final Map<String, Signer> bySecret = new HashMap<>();

    /** The signer with {@code secret}. */
    public Signer of(String secret) {
        Signer signer = bySecret.get(secret);
        if (signer == null) {
            if (bySecret.size() >= MOST) {
                bySecret.clear();
            }
            signer = new Signer(secret);
            bySecret.put(secret, signer);
        }
        return signer;
    }
}
