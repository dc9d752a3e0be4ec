package dev.reverb.server.cli;

import dev.reverb.server.config.ServerConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Asks the server on this machine to drain and end; whatever supervises it starts it again. */
@Command(name = "restart", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Drains the running server and ends it, so that its supervisor starts it anew.",
        "The server is found by its port, from --port, the environment or the file."}, footer = {"", "Examples:",
                "  reverb restart", "  reverb restart --port 9000"})
final class RestartCommand implements Callable<Integer> {
    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        ServerConfig config = options.read(System.getenv()).server();
        ProcessHandle server = new RunningServers(System.getenv()).find(config.port()).orElseThrow(
                () -> new CommandFailedException("no server of this user is running on port "
                        + config.port() + "; say --port if it has another, or use the supervisor that started it"));
        if (!server.destroy()) {
            throw new CommandFailedException("the server with pid " + server.pid() + " cannot be signalled");
        }
        spec.commandLine().getOut().println("The server on port " + config.port() + " (pid " + server.pid()
                + ") is draining; it ends when its connections are closed.");
        return 0;
    }
}
