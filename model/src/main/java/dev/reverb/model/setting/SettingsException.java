package dev.reverb.model.setting;

/**
 * A setting that cannot be used. The message is one line: which key and where it came from, which value (secrets
 * masked), and what is allowed.
 */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(Shown.line(message));
    }

    public SettingsException(SettingProblem problem) {
        this(problem.message());
    }
}
