package dev.reverb.server.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Signers by secret, kept because a key schedule costs more than a signature. Holds at most {@value #MOST}. One thread.
 */
public final class Signers {

    private static final int MOST = 1024;

    private final PreviousSecretUse previous;

    /** In the order of the last use, so that the one that was not used for longest makes room. */
    private final Map<String, Signer> bySecret = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Signer> eldest) {
            return size() > MOST;
        }
    };

    /** Signers that do not report the use of previous secrets. */
    public Signers() {
        this(new PreviousSecretUse());
    }

    /** @param previous learns when a secret other than the first verified a signature */
    public Signers(PreviousSecretUse previous) {
        this.previous = previous;
    }

    /** Whether {@code signature} is that of {@code text} by one of {@code secrets}, newest first. */
    public boolean verifies(List<String> secrets, String text, String signature) {
        for (int i = 0; i < secrets.size(); i++) {
            String secret = secrets.get(i);
            if (of(secret).verifies(text, signature)) {
                if (i > 0) {
                    previous.used(secret);
                }
                return true;
            }
        }
        return false;
    }

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
