package dev.reverb.model.read;

import dev.reverb.model.App;
import dev.reverb.model.setting.SettingProblem;
import java.util.List;
import java.util.Optional;

/**
 * What came of reading one application.
 *
 * @param app the application, when nothing is wrong with it
 * @param id the id as it was written, if it can be read at all
 * @param key the key as it was written, if it can be read at all
 * @param problems all that is wrong, in the order of the catalogue; empty when {@code app} is there
 * @param warnings what has no effect, one line each
 */
public record AppReading(
        Optional<App> app,
        Optional<String> id,
        Optional<String> key,
        List<SettingProblem> problems,
        List<String> warnings) {
    public AppReading {
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }
}
