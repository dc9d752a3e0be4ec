package dev.reverb.model.read;

import java.util.Optional;

/**
 * Limits of a server that an application has to fit into.
 *
 * @param maxRequestSize bytes of one API request, 0 when it is not set
 * @param outboundBuffer bytes that may wait for one connection: no event may be larger
 */
public record ServerLimits(int maxRequestSize, int outboundBuffer) {

    /** Those of a server that sets neither. */
    public static final ServerLimits STANDARD = new ServerLimits(0, 1 << 20);

    /**
     * Those of a server that is given these two. An event that may be published must fit into the buffer, or publishing
     * it would close every subscriber.
     *
     * @param maxRequestSize bytes, when it is set
     * @param outboundBuffer bytes, when it is set; else it is at least twice {@code maxRequestSize}
     */
    public static ServerLimits of(Optional<Integer> maxRequestSize, Optional<Integer> outboundBuffer) {
        int request = maxRequestSize.orElse(0);
        return new ServerLimits(request, outboundBuffer.orElse(Math.max(STANDARD.outboundBuffer(), 2 * request)));
    }
}
