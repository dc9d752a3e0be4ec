package dev.reverb.model.setting;

/**
 * One thing that is wrong with what was given.
 *
 * @param key path of the setting within what was read, such as {@code webhooks[0].url}; empty for the whole
 * @param origin the name that the person who wrote it knows it by: a variable, a flag, or a key with file and line
 * @param reason which value was given (secrets masked) and what is allowed
 */
public record SettingProblem(String key, String origin, String reason) {
    /** All of it in one line, for a log or an error message. */
    public String message() {
        return Shown.line(origin.isEmpty() ? reason : origin + ": " + reason);
    }
}
