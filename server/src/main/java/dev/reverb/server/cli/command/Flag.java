package dev.reverb.server.cli.command;

/**
 * One flag of a command.
 *
 * @param name with its dashes
 * @param value what stands for its value in the help; empty for a switch, which has none
 * @param required whether the command does nothing without it
 * @param help one sentence
 */
public record Flag(String name, String value, boolean required, String help) {

    /** A flag with a value. */
    public static Flag of(String name, String value, String help) {
        return new Flag(name, value, false, help);
    }

    /** A flag without a value. */
    public static Flag on(String name, String help) {
        return new Flag(name, "", false, help);
    }

    /** The same, required. */
    public Flag needed() {
        return new Flag(name, value, true, help);
    }
}
