package dev.reverb.server.config.live;

import dev.reverb.model.setting.Setting;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.source.FileWatch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How Redis is reached, as the file says it now: addresses, credentials and TLS are taken over without a restart, and
 * so is the content of the file with certificates. Another kind of installation, database or time-out is not. Any
 * thread.
 */
final class LiveRedis implements AutoCloseable {
    /** What a change of needs no restart, as long as the installation is of the same kind. */
    static final Set<Setting<?>> SETTINGS = Set.of(ServerSettings.REDIS_URL, ServerSettings.REDIS_HOST,
            ServerSettings.REDIS_PORT, ServerSettings.REDIS_USERNAME, ServerSettings.REDIS_PASSWORD,
            ServerSettings.REDIS_SENTINELS, ServerSettings.REDIS_SENTINEL_MASTER,
            ServerSettings.REDIS_SENTINEL_PASSWORD, ServerSettings.REDIS_CLUSTER, ServerSettings.REDIS_TLS,
            ServerSettings.REDIS_CAFILE, ServerSettings.REDIS_VERIFY_PEER);

    private RedisConfig config;
    private Consumer<RedisConfig> listener = _ -> {};
    private @Nullable FileWatch certificates;

    LiveRedis(RedisConfig config) {
        this.config = config;
        follow(config.cafile());
    }

    /** Calls {@code listener} from now on after each change, on the watcher's thread. */
    synchronized void onChange(Consumer<RedisConfig> listener) {
        this.listener = listener;
    }

    /** Takes {@code now} over; returns whether that needs no restart. */
    synchronized boolean take(RedisConfig now) {
        if (now.topology() != config.topology() || now.database() != config.database()
                || !now.timeout().equals(config.timeout())) {
            return false;
        }
        if (!now.equals(config)) {
            Optional<Path> before = config.cafile();
            config = now;
            if (!now.cafile().equals(before)) {
                follow(now.cafile());
            }
            listener.accept(now);
        }
        return true;
    }

    private synchronized void reconnect() {
        listener.accept(config);
    }

    private void follow(Optional<Path> cafile) {
        close();
        certificates = cafile.map(file -> FileWatch.of("redis-ca", List.of(file), this::reconnect)).orElse(null);
        if (certificates != null) {
            certificates.start();
        }
    }

    /** Stops following the certificates. */
    @Override
    public synchronized void close() {
        if (certificates != null) {
            certificates.close();
            certificates = null;
        }
    }
}
