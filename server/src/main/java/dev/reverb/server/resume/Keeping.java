package dev.reverb.server.resume;

import dev.reverb.model.App;
import dev.reverb.server.cluster.message.KeepRule;
import org.jspecify.annotations.Nullable;

/** What an application's channels keep, in the terms of the cluster. */
public final class Keeping {

    private Keeping() {}

    /** How much {@code channel} of {@code app} keeps; null for nothing, which costs no allocation. */
    public static @Nullable KeepRule of(App app, String channel) {
        if (app.history().rules().isEmpty()) {
            return null;
        }
        return app.history()
                .rule(channel)
                .map(rule -> new KeepRule(rule.count(), rule.age().toMillis(), rule.bytes()))
                .orElse(null);
    }
}
