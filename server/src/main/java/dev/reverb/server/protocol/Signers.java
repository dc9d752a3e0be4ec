package dev.reverb.server.protocol;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Signers by secret, kept because a key schedule costs more than a signature. Holds at most {@value #MOST}. One thread.
 */
public final class Signers {

    private static final int MOST = 1024;

    /** In the order of the last use, so that the one that was not used for longest makes room. */
    private final Map<String, Signer> bySecret = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Signer> eldest) {
            return size() > MOST;
        }
    };

    /** The signer with {@code secret}. */
    public Signer of(String secret) {
        Signer signer = bySecret.get(secret);
        if (signer == null) {
            signer = new Signer(secret);
            bySecret.put(secret, signer);
        }
        return signer;
    }
}
