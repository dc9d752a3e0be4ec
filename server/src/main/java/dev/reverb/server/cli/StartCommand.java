package dev.reverb.server.cli;

import dev.reverb.server.config.Overrides;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.Settings;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a server until it is told to end. */
@Command(name = "start", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Starts a server. Ctrl-C or SIGTERM drains it; a second one ends it at once.",
        "With nothing configured it makes an application for development and says how to use it."}, footer = {"",
                "Examples:", "  reverb start", "  reverb start --host 127.0.0.1 --port 9000 --debug",
                "  reverb start --hostname chat.test      with the certificate of Herd, Valet or mkcert",
                "  reverb start --config /etc/reverb/reverb.yaml"})
final class StartCommand implements Callable<Integer> {
    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Option(names = "--debug", description = "Write every message to the log, secrets masked.")
    private boolean debug;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Overrides overrides = options.overrides().with(ServerSettings.DEBUG,
                debug ? Optional.of("true") : Optional.empty());
        try (Settings settings = Settings.load(System.getenv(), Optional.ofNullable(options.config), overrides)) {
            LogSetup.apply(settings.server().logFormat(), System.out);
            serve(settings);
        }
        return 0;
    }

    private void serve(Settings settings) {
        try (ServerProcess process = ServerProcess.start(settings)) {
            if (settings.development()) {
                DevelopmentBanner.print(spec.commandLine().getOut(), process.address(), settings);
            }
            process.awaitEnd();
        }
    }
}
