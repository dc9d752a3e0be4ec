package dev.reverb.model;

import java.time.Duration;

/**
 * How much of the channels that a pattern matches is kept, so that clients may resume and rewind.
 *
 * @param channels pattern of channel names, in which {@code *} stands for any characters
 * @param count messages of one channel that are kept
 * @param age how long a message is kept
 * @param bytes of messages of one channel that are kept; the newest message is kept whatever its size
 */
public record HistoryRule(String channels, int count, Duration age, int bytes) {

    /** Whether the pattern matches {@code channel}. */
    boolean matches(String channel) {
        return Glob.matchesStars(channels, channel);
    }
}
