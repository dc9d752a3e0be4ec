package dev.reverb.model.setting;

import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.ConfigNode.Sequence;
import dev.reverb.model.setting.Shape.Kind;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the text of a setting becomes a value, and how what is allowed is described. Stateless; any thread.
 *
 * <p>Every start reads settings: here, and in what reads them, no {@code switch} over types or with {@code case null},
 * which the JVM links at run time and keeps in no cache (5 to 30 ms each).
 *
 * @param <T> the value
 */
public final class SettingType<T> {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)?");
    /** Several units in a row, as Kubernetes writes a time. */
    private static final Pattern PARTS = Pattern.compile("(?:\\d{1,9}(?:ms|s|m|h|d)){2,5}");
    private static final Pattern PART = Pattern.compile("\\d+(?:ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*(b|k|kb|kib|m|mb|mib|g|gb|gib)?");

    private static final Pattern EXPONENT = Pattern.compile("\\d(?:\\.\\d{1,9})?[eE]\\+?0?[0-9]");

    private final String allowed;
    private final Shape shape;
    private final Function<ConfigNode, T> reader;

    private SettingType(String allowed, Shape shape, Function<ConfigNode, T> reader) {
        this.allowed = allowed;
        this.shape = shape;
        this.reader = reader;
    }

    private static <T> SettingType<T> scalar(String allowed, Shape shape, Function<String, T> parse) {
        return new SettingType<>(allowed, shape, node -> {
            if (node instanceof Scalar(String text, int _)) {
                return parse.apply(text);
            }
            throw new IllegalArgumentException("not a single value");
        });
    }

    /** What may stand there, to follow the words "allowed is". */
    public String allowed() {
        return allowed;
    }

    /** The same, for a machine. */
    public Shape shape() {
        return shape;
    }

    /**
     * The value of {@code node}.
     *
     * @throws IllegalArgumentException when it is not what is {@linkplain #allowed() allowed}
     */
    public T parse(ConfigNode node) {
        return reader.apply(node);
    }

    /** A whole number within bounds. */
    public static SettingType<Integer> number(int min, int max) {
        String allowed = max == Integer.MAX_VALUE ? "a whole number, at least " + min
                : "a whole number from " + min + " to " + max;
        return scalar(allowed, Shape.between(Kind.INTEGER, min, max), text -> {
            int value = Integer.parseInt(plain(text));
            require(value >= min && value <= max);
            return value;
        });
    }

    /** A yes or no, in the spellings that an {@code .env} file has. */
    public static SettingType<Boolean> bool() {
        return scalar("true or false", Shape.of(Kind.BOOLEAN), text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "(true)", "1", "on", "yes" -> true;
            case "false", "(false)", "0", "off", "no" -> false;
            default -> throw new IllegalArgumentException(text);
        });
    }

    /** A time: a bare number is seconds, as in Reverb. */
    public static SettingType<Duration> duration(Duration min, Duration max) {
        String allowed = "a time from " + text(min) + " to " + text(max)
                + " (a bare number is seconds; units ms, s, m, h, d)";
        return scalar(allowed, Shape.between(Kind.DURATION, min.toMillis(), max.toMillis()), text -> {
            Duration value = parseDuration(text);
            require(value.compareTo(min) >= 0 && value.compareTo(max) <= 0);
            return value;
        });
    }

    /** A time in whole seconds, where the protocol knows nothing finer. */
    public static SettingType<Duration> seconds(int min, int max) {
        String allowed = "whole seconds from " + min + " to " + max + " (units s, m, h, d)";
        return scalar(allowed, Shape.between(Kind.SECONDS, min * 1_000L, max * 1_000L), text -> {
            Duration value = parseDuration(text);
            require(value.toMillis() % 1000 == 0 && value.toSeconds() >= min && value.toSeconds() <= max);
            return value;
        });
    }

    /** A number of bytes. */
    public static SettingType<Integer> size(int min, int max) {
        String allowed = "a size from " + min + " to " + max + " bytes (units kB, KiB, MB, MiB)";
        return scalar(allowed, Shape.between(Kind.SIZE, min, max), text -> {
            Matcher matcher = SIZE.matcher(plain(text).toLowerCase(Locale.ROOT));
            require(matcher.matches());
            String named = matcher.group(2);
            long unit = switch (named == null ? "b" : named) {
                case "b" -> 1;
                case "k", "kb" -> 1_000;
                case "kib" -> 1_024;
                case "m", "mb" -> 1_000_000;
                case "mib" -> 1_048_576;
                case "gib" -> 1_073_741_824;
                default -> 1_000_000_000;
            };
            long value = Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
            require(value >= min && value <= max);
            return Math.toIntExact(value);
        });
    }

    /** One constant of an enum, in lower case. */
    public static <E extends Enum<E>> SettingType<E> oneOf(Class<E> values) {
        List<String> names = Arrays.stream(values.getEnumConstants()).map(SettingType::text).toList();
        return scalar("one of " + String.join(", ", names), Shape.oneOf(names),
                text -> Arrays.stream(values.getEnumConstants())
                        .filter(value -> text(value).equalsIgnoreCase(text.replace('-', '_')))
                        .findFirst()
                        .orElseThrow(IllegalArgumentException::new));
    }

    /** One of {@code names}. */
    public static SettingType<String> oneOf(Collection<String> names) {
        List<String> sorted = names.stream().sorted().toList();
        return scalar("one of " + String.join(", ", sorted), Shape.oneOf(sorted), text -> {
            require(sorted.contains(text));
            return text;
        });
    }

    /** Text that matches {@code pattern}. */
    public static SettingType<String> text(Pattern pattern, String allowed) {
        return scalar(allowed, Shape.matching(pattern.pattern()), text -> {
            require(pattern.matcher(text).matches());
            return text;
        });
    }

    /** What {@code parse} makes of a text; it throws an {@code IllegalArgumentException} for a wrong one. */
    public static <T> SettingType<T> parsed(String allowed, Function<String, T> parse) {
        return scalar(allowed, Shape.of(Kind.TEXT), parse);
    }

    /** A file or folder; whether it is there is checked where it is used. */
    public static SettingType<Path> path() {
        return scalar("a path", Shape.of(Kind.TEXT), text -> {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(e);
            }
        });
    }

    /** A list: in the file a YAML list, elsewhere (and in the file too) one text with commas. */
    public static <T> SettingType<List<T>> listOf(SettingType<T> element, String allowed) {
        return new SettingType<>(allowed, Shape.listOf(element.shape()), node -> {
            List<T> values = new ArrayList<>();
            if (node instanceof Scalar(String text, int line)) {
                for (String part : text.split(",")) {
                    if (!part.isBlank()) {
                        values.add(element.parse(new Scalar(part.strip(), line)));
                    }
                }
            } else if (node instanceof Sequence sequence) {
                sequence.items().forEach(item -> values.add(element.parse(item)));
            } else {
                throw new IllegalArgumentException("not a list");
            }
            return List.copyOf(values);
        });
    }

    /** A whole number in plain digits: Helm's templates write a million as 1e+06. */
    private static String plain(String text) {
        return EXPONENT.matcher(text).matches() ? new BigDecimal(text).toBigIntegerExact().toString() : text;
    }

    private static Duration parseDuration(String text) {
        if (PARTS.matcher(text).matches()) {
            return PART.matcher(text)
                    .results()
                    .map(part -> parseDuration(part.group()))
                    .reduce(Duration.ZERO, Duration::plus);
        }
        Matcher matcher = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        require(matcher.matches());
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2);
        return switch (unit == null ? "s" : unit) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofSeconds(number);
        };
    }

    private static String text(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String text(Duration value) {
        long millis = value.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = value.toSeconds();
        if (seconds != 0 && seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        return seconds + "s";
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException("not allowed");
        }
    }
}
