package dev.reverb.server.config.live;

import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.app.AppChange;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.app.DevelopmentApp;
import dev.reverb.server.app.LiveApps;
import dev.reverb.server.app.RefusedApp;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.read.SettingsSource;
import dev.reverb.server.config.source.FileWatch;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of one server: flags over environment over file. What needs a restart is fixed when they are loaded;
 * applications, and how Redis is reached, follow the file within a second of a change to it. An application that is
 * wrong there is left out alone: it is named in one line of the log and by {@link #refused()}, its last good form stays
 * in force, and the others are taken. A file that cannot be read at all, or is wrong in anything else, changes nothing.
 *
 * <p>Any thread may read; the file is watched by one of its own.
 */
public final class Settings implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

    /** Lines of the log that one change may take, as a file may hold thousands of applications. */
    private static final int MOST_LINES = 20;

    private final SettingsSource source;
    private final SettingsSource.Read atStart;
    private final LiveApps apps;
    private final @Nullable FileWatch watch;
    private final @Nullable LiveRedis redis;
    private volatile ReloadStatus reloads = ReloadStatus.NONE;
    private Consumer<ReloadStatus> reloadListener = _ -> {};
    private TreeSet<String> needRestart = new TreeSet<>();
    /** Whether the file that is in force has {@code apps:}. */
    private boolean listsApps;

    private Settings(SettingsSource source, boolean watched, boolean strict) {
        this.source = source;
        this.watch = source.file().isPresent() && watched
                ? FileWatch.of("settings", List.of(source.file().get()), this::reload)
                : null;
        this.atStart = source.read(List.of());
        this.listsApps = atStart.listsApps();
        List<RefusedApp> refused = atStart.refused();
        if (!refused.isEmpty()) {
            if (strict) {
                throw new SettingsException(summaryOf(refused));
            }
            if (watched) {
                sayRefused(refused);
            }
            this.reloads = new ReloadStatus(0, 0, Optional.of(summaryOf(refused)));
        }
        this.apps = new LiveApps(atStart.apps());
        apps.compared(atStart.digest(), reloads.problem(), atStart.refused());
        ScalingConfig scaling = atStart.server().scaling();
        this.redis = watched && scaling.enabled() ? new LiveRedis(scaling.redis()) : null;
        if (watch != null) {
            watch.start();
        }
    }

    /**
     * Reads all settings and keeps the applications up to date from then on.
     *
     * @param env environment variables
     * @param configFile the file; empty to take the one that {@code REVERB_CONFIG} names, if it is set
     * @param flags what the command line says
     * @throws SettingsException with one line that says what is wrong, where, and what is allowed; a wrong application
     *     of the file is no reason
     */
    public static Settings load(Map<String, String> env, Optional<Path> configFile, Overrides flags) {
        return new Settings(new SettingsSource(env, configFile, flags, DevelopmentApp.random(new SecureRandom())), true,
                false);
    }

    /**
     * The same without watching: to check settings.
     *
     * @throws SettingsException for a wrong application too
     */
    public static Settings read(Map<String, String> env, Optional<Path> configFile, Overrides flags) {
        return new Settings(new SettingsSource(env, configFile, flags, DevelopmentApp.random(new SecureRandom())),
                false, true);
    }

    /** The same, but a wrong application is left out without a word: for those who need one of the others. */
    public static Settings lenient(Map<String, String> env, Optional<Path> configFile, Overrides flags) {
        return new Settings(new SettingsSource(env, configFile, flags, DevelopmentApp.random(new SecureRandom())),
                false, false);
    }

    /** Everything but the applications, as it was when loaded. */
    public ServerConfig server() {
        return atStart.server();
    }

    /** The applications, always as the file has them. */
    public AppRegistry apps() {
        return apps;
    }

    /** Whether nothing was configured, so that the only application is one for development with random credentials. */
    public boolean development() {
        return atStart.development();
    }

    /** Lines to log once at start: what was given and means nothing. */
    public List<String> warnings() {
        return atStart.warnings();
    }

    /** The file, when there is one. */
    public Optional<Path> file() {
        return source.file();
    }

    /** Where one JSON line about the last drain is written at exit. */
    public Optional<Path> terminationMessagePath() {
        return atStart.terminationMessagePath();
    }

    /** Applications of the file as it is now that are left out, or stay as they were. */
    public List<RefusedApp> refused() {
        return apps.state().refused();
    }

    /** The folder whose jars hold listeners. */
    public Optional<Path> listeners() {
        return atStart.listeners();
    }

    /** How changes to the file went. */
    public ReloadStatus reloads() {
        return reloads;
    }

    /** Calls {@code listener} with how changes went so far, and after every later one on the watcher's thread. */
    public synchronized void onReload(Consumer<ReloadStatus> listener) {
        reloadListener = listener;
        listener.accept(reloads);
    }

    /** Calls {@code listener} whenever Redis is to be reached in another way, on a watcher's thread. */
    public void onRedis(Consumer<RedisConfig> listener) {
        if (redis != null) {
            redis.onChange(listener);
        }
    }

    private synchronized void tell(ReloadStatus status, Optional<String> digest, List<RefusedApp> refused) {
        apps.compared(digest, status.problem(), refused);
        reloads = status;
        reloadListener.accept(status);
    }

    /** Stops following the file. */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        if (redis != null) {
            redis.close();
        }
    }

    /** On the watcher's thread. */
    private void reload() {
        Path file = source.file().orElseThrow();
        try {
            if (Files.isRegularFile(file) && Files.size(file) == 0) {
                // more likely a file in the middle of being written than the wish to remove everything
                throw new SettingsException(file + " is empty; allowed is \"apps: []\" for no applications");
            }
            SettingsSource.Read read = source.read(apps.all());
            if (listsApps && !read.listsApps()) { // half a file too, or one of another program
                throw new SettingsException(
                        file + " has no \"apps:\" any longer; allowed is \"apps: []\" for no applications");
            }
            listsApps = read.listsApps();
            List<RefusedApp> before = refused();
            List<RefusedApp> refused = read.refused();
            List<AppChange> changes = apps.replace(read.apps());
            LOG.info("{} changed: {}", file, changes.isEmpty() ? "the applications are the same" : summary(changes));
            sayRefused(refused.stream().filter(app -> !before.contains(app)).toList());
            tell(refused.isEmpty() ? reloads.succeeded() : reloads.failed(summaryOf(refused)), read.digest(), refused);
            boolean redisTaken = redis != null && redis.take(read.server().scaling().redis());
            sayWhatNeedsARestart(read, file, redisTaken);
        } catch (SettingsException | IOException e) {
            tell(reloads.failed(String.valueOf(e.getMessage())), apps.state().digest(), refused());
            LOG.error("{} changed and is refused, the applications stay as they were: {}", file, e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            tell(reloads.failed("it could not be read: " + e), apps.state().digest(), refused());
            LOG.error("{} changed and could not be read, the applications stay as they were", file, e);
        }
    }

    private void sayWhatNeedsARestart(SettingsSource.Read now, Path file, boolean redisTaken) {
        TreeSet<String> different = new TreeSet<>();
        atStart.fileTexts().forEach((setting, text) -> {
            if (!text.equals(now.fileTexts().get(setting))) {
                different.add(setting.key());
            }
        });
        now.fileTexts()
                .keySet()
                .stream()
                .filter(setting -> !atStart.fileTexts().containsKey(setting))
                .forEach(setting -> different.add(setting.key()));
        if (redisTaken) {
            LiveRedis.SETTINGS.forEach(setting -> different.remove(setting.key()));
        }
        if (!different.isEmpty() && !different.equals(needRestart)) {
            LOG.warn("{} changed: {} will be in force after a restart", file, String.join(", ", different));
        }
        needRestart = different;
    }

    /** One line for each, so that each can be found by its id. */
    private static void sayRefused(List<RefusedApp> refused) {
        refused.stream()
                .limit(MOST_LINES)
                .forEach(app -> LOG.error("Application {} is refused, {}: {}", app.id(),
                        app.kept() ? "what was in force stays so" : "it is not served", app.message()));
        if (refused.size() > MOST_LINES) {
            LOG.error("{} more applications are refused; reverb check and /status name them",
                    refused.size() - MOST_LINES);
        }
    }

    private static String summaryOf(Collection<RefusedApp> refused) {
        String first = refused.iterator().next().message();
        return refused.size() == 1 ? first : first + " (and " + (refused.size() - 1) + " more)";
    }

    private static String summary(List<AppChange> changes) {
        String first = String.join(", ", changes.stream().limit(MOST_LINES).map(change -> switch (change) {
            case AppChange.Added(var app) -> "application " + app.id() + " added";
            case AppChange.Changed(var before, var _) -> "application " + before.id() + " changed";
            case AppChange.Removed(var app) -> "application " + app.id() + " removed";
        }).toList());
        return changes.size() <= MOST_LINES ? first : first + " and " + (changes.size() - MOST_LINES) + " more";
    }
}
