package dev.reverb.server.app;

import dev.reverb.model.setting.SettingProblem;
import java.util.List;

/**
 * An application of the configuration file that is not taken as it is written there.
 *
 * @param id its id; where it stands in the file when it has none that can be read
 * @param place where it stands in the file
 * @param problems what is wrong with it, at least one
 * @param kept whether it is still served in the last form that was taken
 */
public record RefusedApp(String id, String place, List<SettingProblem> problems, boolean kept) {
    public RefusedApp {
        problems = List.copyOf(problems);
    }

    /** The first thing that is wrong, in one line. */
    public String message() {
        return problems.getFirst().message();
    }
}
