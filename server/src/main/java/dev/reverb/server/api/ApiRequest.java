package dev.reverb.server.api;

import dev.reverb.server.transport.LoopContext;

/**
 * A request to the API.
 *
 * @param method upper case
 * @param path without the server's path prefix, percent-encoded as it came
 * @param query what stands behind the question mark, as it came; empty without one
 * @param body the body in its first {@code bodyLength} bytes; valid only until the handler returns
 * @param bodyLength bytes of the body
 * @param loop the loop that read it
 */
public record ApiRequest(String method, String path, String query, byte[] body, int bodyLength, LoopContext loop) {

    /** Method and path. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
