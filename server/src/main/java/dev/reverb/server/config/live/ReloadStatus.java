package dev.reverb.server.config.live;

import java.util.Optional;

/**
 * How the last reloads of a watched file went. Any thread.
 *
 * @param reloads changes taken over since the start
 * @param failures changes refused since the start
 * @param problem why the file as it is now is not in force; empty when it is
 */
public record ReloadStatus(long reloads, long failures, Optional<String> problem) {

    /** Nothing changed yet. */
    public static final ReloadStatus NONE = new ReloadStatus(0, 0, Optional.empty());

    /** After one more change that was taken over. */
    public ReloadStatus succeeded() {
        return new ReloadStatus(reloads + 1, failures, Optional.empty());
    }

    /** After one more change that was refused. */
    public ReloadStatus failed(String why) {
        return new ReloadStatus(reloads, failures + 1, Optional.of(why));
    }
}
