package dev.reverb.server.cli;

import dev.reverb.server.config.Overrides;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a server until it is told to end. */
final class StartCommand implements CliCommand {
    private static final Flag DEBUG = Flag.on(ServerSettings.DEBUG.flag(),
            "Write every message to the log, secrets masked.");

    @Override
    public String name() {
        return "start";
    }

    @Override
    public List<String> help() {
        return List.of("Starts a server. Ctrl-C or SIGTERM drains it; a second one ends it at once.",
                "With nothing configured it makes an application for development and says how to use it.");
    }

    @Override
    public List<Flag> flags() {
        List<Flag> flags = new ArrayList<>(SettingsFlags.ALL);
        flags.add(DEBUG);
        return flags;
    }

    @Override
    public List<String> examples() {
        return List.of("reverb start", "reverb start --host 127.0.0.1 --port 9000 --debug",
                "reverb start --hostname chat.test      with the certificate of Herd, Valet or mkcert",
                "reverb start --config /etc/reverb/reverb.yaml");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) {
        Overrides overrides = SettingsFlags.overrides(arguments)
                .with(ServerSettings.DEBUG, arguments.find(DEBUG.name()).map(_ -> "true"));
        Optional<Path> config = SettingsFlags.config(arguments);
        try (Settings settings = Settings.load(System.getenv(), config, overrides)) {
            LogSetup.apply(settings.server().logFormat(), System.out);
            serve(settings, out);
        }
        return 0;
    }

    private static void serve(Settings settings, PrintWriter out) {
        try (ServerProcess process = ServerProcess.start(settings)) {
            if (settings.development()) {
                LogSetup.flush();
                DevelopmentBanner.print(out, process.address(), settings);
            }
            process.awaitEnd();
        }
    }
}
