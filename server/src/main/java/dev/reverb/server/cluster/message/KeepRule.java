package dev.reverb.server.cluster.message;

/**
 * How much a channel keeps of its messages.
 *
 * @param count messages at the most
 * @param ageMillis how long a message is kept
 * @param bytes of messages at the most; the newest message is kept whatever its size
 */
public record KeepRule(int count, long ageMillis, long bytes) {}
