package dev.reverb.model;

/**
 * Limits of a server that an application has to fit into.
 *
 * @param maxRequestSize bytes of one API request, 0 when it is not set
 * @param outboundBuffer bytes that may wait for one connection: no event may be larger
 */
public record ServerLimits(int maxRequestSize, int outboundBuffer) {

    /** Those of a server that sets neither. */
    public static final ServerLimits STANDARD = new ServerLimits(0, 1 << 20);
}
