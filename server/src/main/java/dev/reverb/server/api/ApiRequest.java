package dev.reverb.server.api;

import dev.reverb.server.metrics.LoopMeters;

/**
 * What an admitted request carries.
 *
 * @param body the body in its first {@code bodyLength} bytes; valid only until the handler returns
 * @param bodyLength bytes of the body
 * @param meters of the calling thread
 */
public record ApiRequest(byte[] body, int bodyLength, LoopMeters meters) {

    /** Bytes of the body. */
    @Override
    public String toString() {
        return "ApiRequest[" + bodyLength + " bytes]";
    }
}
