package dev.reverb.operator.report;

/**
 * Why something cannot be done as the spec says.
 *
 * @param reason one word for the condition
 * @param message names the field, and says what to do
 * @param fatal whether nothing at all is done until it is solved; what runs keeps running either way
 */
public record Problem(String reason, String message, boolean fatal) {
    /** A problem of one part, beside which the rest goes on. */
    public static Problem partial(String reason, String message) {
        return new Problem(reason, message, false);
    }

    /** A spec that cannot work. */
    public static Problem fatal(String reason, String message) {
        return new Problem(reason, message, true);
    }
}
