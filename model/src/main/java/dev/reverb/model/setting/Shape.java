package dev.reverb.model.setting;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a {@link SettingType} allows, for those who describe it elsewhere, such as the schema of a custom resource.
 *
 * @param kind what it is
 * @param min least number, bytes of a size, or milliseconds of a time
 * @param max most of the same
 * @param pattern what a text must match as a whole, a regular expression
 * @param values the texts of an enumeration
 * @param element what the elements of a list are
 */
public record Shape(
        Kind kind,
        OptionalLong min,
        OptionalLong max,
        Optional<String> pattern,
        List<String> values,
        Optional<Shape> element) {

    /** Kinds of values. */
    public enum Kind {
        /** A whole number. */
        INTEGER,
        /** True or false. */
        BOOLEAN,
        /** A time, to the millisecond. */
        DURATION,
        /** A time in whole seconds. */
        SECONDS,
        /** A number of bytes. */
        SIZE,
        /** One of {@link Shape#values}. */
        ENUM,
        /** Text. */
        TEXT,
        /** Several of one shape. */
        LIST
    }

    public Shape {
        values = List.copyOf(values);
    }

    /** A kind without more to say. */
    static Shape of(Kind kind) {
        return new Shape(kind, OptionalLong.empty(), OptionalLong.empty(), Optional.empty(), List.of(),
                Optional.empty());
    }

    /** A kind within bounds. */
    static Shape between(Kind kind, long min, long max) {
        return new Shape(kind, OptionalLong.of(min), OptionalLong.of(max), Optional.empty(), List.of(),
                Optional.empty());
    }

    /** One of some texts. */
    static Shape oneOf(List<String> values) {
        return new Shape(Kind.ENUM, OptionalLong.empty(), OptionalLong.empty(), Optional.empty(), values,
                Optional.empty());
    }

    /** A text that matches. */
    static Shape matching(String pattern) {
        return new Shape(Kind.TEXT, OptionalLong.empty(), OptionalLong.empty(), Optional.of(pattern), List.of(),
                Optional.empty());
    }

    /** Several of {@code element}. */
    static Shape listOf(Shape element) {
        return new Shape(Kind.LIST, OptionalLong.empty(), OptionalLong.empty(), Optional.empty(), List.of(),
                Optional.of(element));
    }
}
