package dev.reverb.server.cli.command;

import dev.reverb.model.setting.Setting;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.source.Overrides;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The flags that stand for settings, and win over the environment and the file. */
public final class SettingsFlags {
    public static final Flag CONFIG = Flag.of(ServerSettings.CONFIG.flag(), "FILE",
            "Configuration file in YAML (REVERB_CONFIG).");
    public static final Flag SERVICE = Flag.of("--service", "FOLDER",
            "Folder of a service: its reverb.yaml and reverb.env are read; no application is made up.");

    public static final Flag LISTENERS = Flag.of(ServerSettings.LISTENERS.flag(), "FOLDER",
            "Jars with listeners of the five events.");

    /** The flags, for {@link CliCommand#flags}. */
    public static final List<Flag> ALL = List.of(
            Flag.of(ServerSettings.HOST_BOUND.flag(), "ADDRESS", "Address to listen on (0.0.0.0)."),
            Flag.of(ServerSettings.PORT_BOUND.flag(), "PORT", "Port to listen on (8080); 0 takes any free one."),
            Flag.of(ServerSettings.PATH.flag(), "PATH", "Prefix of every route, such as /ws."),
            Flag.of(ServerSettings.PUBLIC_HOST.flag(), "NAME",
                    "Name that clients connect to; Herd's, Valet's or mkcert's certificate for it is used."),
            CONFIG, SERVICE);

    private SettingsFlags() {}

    static Optional<Path> config(Arguments arguments) {
        return arguments.find(CONFIG.name()).map(Path::of);
    }

    static Optional<Path> service(Arguments arguments) {
        return arguments.find(SERVICE.name()).map(Path::of);
    }

    public static Overrides overrides(Arguments arguments) {
        Overrides overrides = Overrides.none();
        for (Setting<?> setting : List.<Setting<?>>of(ServerSettings.HOST_BOUND, ServerSettings.PORT_BOUND,
                ServerSettings.PATH, ServerSettings.PUBLIC_HOST, ServerSettings.LISTENERS)) {
            overrides = overrides.with(setting, arguments.find(setting.flag()));
        }
        return overrides;
    }
}
