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
        int p = 0;
        int c = 0;
        int star = -1;
        int mark = 0;
        while (c < channel.length()) {
            if (p < channels.length() && channels.charAt(p) == '*') {
                star = p++;
                mark = c;
            } else if (p < channels.length() && channels.charAt(p) == channel.charAt(c)) {
                p++;
                c++;
            } else if (star >= 0) {
                p = star + 1;
                c = ++mark;
            } else {
                return false;
            }
        }
        while (p < channels.length() && channels.charAt(p) == '*') {
            p++;
        }
        return p == channels.length();
    }
}
