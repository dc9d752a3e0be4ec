package dev.reverb.server.config;

import dev.reverb.model.App;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/** Settings of applications that are accepted although nothing acts on them yet (issue 14): a start says so. */
final class UnservedSettings {
    private static final int MOST_IDS = 10;

    private UnservedSettings() {}

    /** One line for each setting that some application asks something of. */
    static List<String> warnings(Collection<App> apps) {
        List<String> warnings = new ArrayList<>();
        add(warnings, "webhooks", apps, app -> !app.webhooks().isEmpty());
        return warnings;
    }

    private static void add(List<String> warnings, String setting, Collection<App> apps, Predicate<App> asked) {
        List<String> ids = apps.stream().filter(asked).map(App::id).toList();
        if (!ids.isEmpty()) {
            warnings.add(setting + " does nothing in this version yet; it is set for "
                    + String.join(", ", ids.subList(0, Math.min(MOST_IDS, ids.size())))
                    + (ids.size() > MOST_IDS ? " and " + (ids.size() - MOST_IDS) + " more" : ""));
        }
    }
}
