package dev.reverb.server.cli;

import dev.reverb.server.config.Overrides;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.Settings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that say where settings come from, and that win over all others. */
final class SettingsOptions {
    @Option(names = "--host", paramLabel = "ADDRESS", description = "Address to listen on (0.0.0.0).")
    @Nullable
    String host;

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on (8080; 0 takes any free one).")
    @Nullable
    String port;

    @Option(names = "--path", paramLabel = "PATH", description = "Prefix of every route, such as /ws.")
    @Nullable
    String path;

    @Option(names = "--hostname", paramLabel = "NAME", description = "Name that clients connect to; a certificate of Herd, Valet or mkcert for it is used.")
    @Nullable
    String hostname;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file in YAML (REVERB_CONFIG).")
    @Nullable
    Path config;

    Overrides overrides() {
        return Overrides.none().with(ServerSettings.HOST_BOUND, Optional.ofNullable(host)).with(
                ServerSettings.PORT_BOUND, Optional.ofNullable(port)).with(ServerSettings.PATH,
                        Optional.ofNullable(path)).with(ServerSettings.PUBLIC_HOST, Optional.ofNullable(hostname));
    }

    /** The settings as they are now, not followed. */
    Settings read(Map<String, String> environment) {
        return Settings.read(environment, Optional.ofNullable(config), overrides());
    }
}
