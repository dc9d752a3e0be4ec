package dev.reverb.operator.plan;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as resources write them: {@code 5s}, {@code 30m}, {@code 1h30m}. */
public final class Durations {
    private static final Pattern PART = Pattern.compile("(\\d{1,9})([hms])");

    private Durations() {}

    /** The duration {@code text}, or {@code fallback} when it is absent; the schema has checked its form. */
    public static Duration of(@Nullable String text, Duration fallback) {
        if (text == null) {
            return fallback;
        }
        Duration sum = Duration.ZERO;
        Matcher matcher = PART.matcher(text);
        while (matcher.find()) {
            long number = Long.parseLong(matcher.group(1));
            sum = sum.plus(switch (matcher.group(2)) {
                case "h" -> Duration.ofHours(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofSeconds(number);
            });
        }
        return sum;
    }

    /** As the server's settings take it, in whole seconds. */
    public static String seconds(Duration duration) {
        return duration.toSeconds() + "s";
    }
}
