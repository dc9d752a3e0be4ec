package dev.reverb.server.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keys by which requests are carried out once over all nodes. No method blocks; any thread may call. */
public interface IdempotencyKeys {

    /** What there is under a key. */
    sealed interface Claim {

        /** Nothing: the caller carries the request out, and says how it ended. */
        enum First implements Claim {
            /** The only one. */
            FIRST
        }

        /** Another request has it, and has taken its time: nobody knows its answer yet. */
        enum UnderWay implements Claim {
            /** The only one. */
            UNDER_WAY
        }

        /**
         * A request was carried out.
         *
         * @param digest of its body
         * @param answer to it
         */
        record Answered(String digest, byte[] answer) implements Claim {}
    }

    /**
     * Takes {@code key} of {@code app}, or waits until who has it knows its answer. Fails when the other nodes are not
     * reached.
     *
     * @param digest of the body, without white space
     */
    CompletionStage<Claim> claim(String app, String key, String digest);

    /** The request that was first has this answer, which is kept for so long from now on. */
    void answered(String app, String key, String digest, byte[] answer, Duration kept);

    /** The request that was first was refused: the next one is first. */
    void refused(String app, String key);

    /** Of a node without others: every request is first. */
    IdempotencyKeys ALONE = new IdempotencyKeys() {
        @Override
        public CompletionStage<Claim> claim(String app, String key, String digest) {
            return CompletableFuture.completedFuture(Claim.First.FIRST);
        }

        @Override
        public void answered(String app, String key, String digest, byte[] answer, Duration kept) {}

        @Override
        public void refused(String app, String key) {}
    };
}
