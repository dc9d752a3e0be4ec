package dev.reverb.server.api;

import dev.reverb.server.metrics.LoopMeters;
import dev.reverb.server.protocol.Signers;

/**
 * A request to the API.
 *
 * @param method upper case
 * @param path without the server's path prefix, percent-encoded as it came
 * @param query what stands behind the question mark, as it came; empty without one
 * @param body the body in its first {@code bodyLength} bytes; valid only until the handler returns
 * @param bodyLength bytes of the body
 * @param signers of the calling thread
 * @param meters of the calling thread
 */
public record ApiRequest(
        String method,
        String path,
        String query,
        byte[] body,
        int bodyLength,
        Signers signers,
        LoopMeters meters) {

    /** Method and path. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
