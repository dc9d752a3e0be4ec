package dev.reverb.model.setting;

import java.util.Optional;

/**
 * One entry of the catalogue: a setting's names, type, default and meaning. The reference page is generated from these.
 *
 * @param <T> the value
 * @param key its place in the file, for example {@code server.port}; an application's keys are relative to its entry;
 *     empty when the file cannot hold it
 * @param variable its environment variable; empty when there is none
 * @param flag its command line flag; empty when there is none
 * @param type what is allowed
 * @param standard the default as text; empty when unset means something of its own, which {@code description} says
 * @param secret whether its value is masked wherever it is shown
 * @param description one sentence for the reference page
 */
public record Setting<T>(
        String key,
        String variable,
        String flag,
        SettingType<T> type,
        Optional<String> standard,
        boolean secret,
        String description) {

    /** With a default. */
    public static <T> Setting<T> of(String key, String variable, SettingType<T> type, String standard,
            String description) {
        return new Setting<>(key, variable, "", type, Optional.of(standard), false, description);
    }

    /** Without a default. */
    public static <T> Setting<T> optional(String key, String variable, SettingType<T> type, String description) {
        return new Setting<>(key, variable, "", type, Optional.empty(), false, description);
    }

    /** The same, masked wherever it is shown. */
    public Setting<T> asSecret() {
        return new Setting<>(key, variable, flag, type, standard, true, description);
    }

    /** The same, with a command line flag. */
    public Setting<T> withFlag(String name) {
        return new Setting<>(key, variable, name, type, standard, secret, description);
    }

    /** The default as a value. */
    public T standardValue() {
        return type.parse(new ConfigNode.Scalar(standard.orElseThrow(), 0));
    }

    /** By names, which are unique; written out since the JVM links a record's own at run time, in every start. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Setting<?> setting && key.equals(setting.key) && variable.equals(setting.variable)
                && flag.equals(setting.flag);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + variable.hashCode();
    }

    @Override
    public String toString() {
        return key.isEmpty() ? variable : key;
    }
}
