package dev.reverb.server.cli;

import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.Settings;
import java.io.PrintWriter;
import java.util.List;

/** Asks the server on this machine to drain and end; whatever supervises it starts it again. */
final class RestartCommand implements Command {

    @Override
    public String name() {
        return "restart";
    }

    @Override
    public List<String> help() {
        return List.of("Drains the running server and ends it, so that its supervisor starts it anew.",
                "The server is found by its port, from --port, the environment or the file.");
    }

    @Override
    public List<Flag> flags() {
        return SettingsFlags.ALL;
    }

    @Override
    public List<String> examples() {
        return List.of("reverb restart", "reverb restart --port 9000");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) {
        ServerConfig config = Settings.read(System.getenv(), SettingsFlags.config(arguments),
                SettingsFlags.overrides(arguments)).server();
        ProcessHandle server = new RunningServers(System.getenv()).find(config.port()).orElseThrow(
                () -> new CommandFailedException("no server of this user is running on port "
                        + config.port() + "; say --port if it has another, or use the supervisor that started it"));
        if (!server.destroy()) {
            throw new CommandFailedException("the server with pid " + server.pid() + " cannot be signalled");
        }
        out.println("The server on port " + config.port() + " (pid " + server.pid()
                + ") is draining; it ends when its connections are closed.");
        return 0;
    }
}
