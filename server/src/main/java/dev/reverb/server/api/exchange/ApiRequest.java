package dev.reverb.server.api.exchange;

import dev.reverb.server.metrics.LoopMeters;
import org.jspecify.annotations.Nullable;

/**
 * What an admitted request carries.
 *
 * @param body the body in its first {@code bodyLength} bytes; valid only until the handler returns
 * @param bodyLength bytes of the body
 * @param idempotencyKey the header {@code X-Idempotency-Key}; null without one
 * @param meters of the calling thread
 */
public record ApiRequest(byte[] body, int bodyLength, @Nullable String idempotencyKey, LoopMeters meters) {

    /** Bytes of the body. */
    @Override
    public String toString() {
        return "ApiRequest[" + bodyLength + " bytes]";
    }
}
