package dev.reverb.server.cli.run;

import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CliCommand;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.Hints;
import dev.reverb.server.cli.command.SettingsFlags;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.cli.log.LogSetup;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a server until a signal ends it. */
public final class StartCommand implements CliCommand {
    private static final Logger LOG = LoggerFactory.getLogger(StartCommand.class);
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
        flags.add(SettingsFlags.LISTENERS);
        flags.add(DEBUG);
        return flags;
    }

    @Override
    public List<String> examples() {
        return List.of("reverb start", "reverb start --host 127.0.0.1 --port 9000 --debug",
                "reverb start --hostname chat.test      with the certificate of Herd, Valet or mkcert",
                "reverb start --config reverb.yaml", "reverb start --service /etc/reverb     as a supervisor does");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) {
        Overrides overrides = SettingsFlags.overrides(arguments)
                .with(ServerSettings.DEBUG, arguments.find(DEBUG.name()).map(_ -> "true"));
        Surroundings surroundings = Surroundings.of(arguments);
        try (Settings settings = surroundings.load(overrides)) {
            surroundings.refuseDevelopment(settings);
            LogSetup.apply(settings.server().logFormat(), System.out);
            surroundings.notes().forEach(LOG::info);
            Hints.of(settings, surroundings.variables(), arguments.has(ServerSettings.PUBLIC_HOST.flag()),
                    arguments.has(ServerSettings.PORT_BOUND.flag())).forEach(LOG::warn);
            serve(settings, out);
        }
        return 0;
    }

    private static void serve(Settings settings, PrintWriter out) {
        try (ServerProcess process = ServerProcess.start(settings)) {
            if (settings.development()) {
                LogSetup.flush();
                DevelopmentBanner.print(out, process.address(), process.apiAddress(), settings);
            }
            process.awaitEnd();
        }
    }
}
