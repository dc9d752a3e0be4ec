package dev.reverb.server;

import java.time.Duration;

/**
 * How a drain went.
 *
 * @param drained connections that were open when it began
 * @param cut those of them that were closed at the deadline, out of pace
 * @param took from beginning to end
 */
public record DrainReport(int drained, int cut, Duration took) {}
