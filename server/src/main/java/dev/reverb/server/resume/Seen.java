package dev.reverb.server.resume;

/**
 * A client has what {@code origin} published to a channel up to {@code number}.
 *
 * @param origin a node
 * @param number that node's number
 */
public record Seen(String origin, long number) {}
