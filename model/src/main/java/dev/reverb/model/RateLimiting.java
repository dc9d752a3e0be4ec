package dev.reverb.model;

import java.time.Duration;

/**
 * How many messages one connection may send: {@code rate_limiting}.
 *
 * @param enabled off by default
 * @param maxAttempts messages within {@code decay}, at least 1
 * @param decay the window, whole seconds, at least 1 s
 * @param terminateOnLimit close the connection (4100, after the 4301 message) instead of dropping the message
 */
public record RateLimiting(boolean enabled, int maxAttempts, Duration decay, boolean terminateOnLimit) {}
