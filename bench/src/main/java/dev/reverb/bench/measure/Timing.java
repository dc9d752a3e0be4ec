package dev.reverb.bench.measure;

import java.time.Duration;

/**
 * How long one measurement takes.
 *
 * @param warmUp load before anything counts
 * @param window what counts
 */
public record Timing(Duration warmUp, Duration window) {}
