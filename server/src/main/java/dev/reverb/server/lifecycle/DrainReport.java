package dev.reverb.server.lifecycle;

import java.time.Duration;

/**
 * How a drain went.
 *
 * @param drained connections that were open when it began
 * @param cut those of them that were closed out of pace: at the deadline, or as the server was closed meanwhile
 * @param took from beginning to end
 */
public record DrainReport(int drained, int cut, Duration took) {}
