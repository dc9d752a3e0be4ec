package dev.reverb.server.cli;

import dev.reverb.server.cluster.Control;
import dev.reverb.server.cluster.redis.ClusterRequest;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Asks the server on this machine, or all nodes of its cluster in turn, to drain and end; whatever supervises them
 * starts
 * them again.
 */
final class RestartCommand implements CliCommand {

    /** How long to try to reach Redis. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Override
    public String name() {
        return "restart";
    }

    @Override
    public List<String> help() {
        return List.of("Drains the running server and ends it, so that its supervisor starts it anew.",
                "The server is found by its port, from --port, the environment or the file.",
                "With scaling on, all nodes of the cluster restart, wherever they are: one at a time, each when the",
                "one before is back.");
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
    public int run(Arguments arguments, PrintWriter out) throws InterruptedException {
        ServerConfig config = Settings
                .read(System.getenv(), SettingsFlags.config(arguments), SettingsFlags.overrides(arguments))
                .server();
        if (config.scaling().enabled()) {
            out.println(restartCluster(config.scaling()));
            return 0;
        }
        ProcessHandle server = new RunningServers(System.getenv()).find(config.port())
                .orElseThrow(() -> new CommandFailedException("no server of this user is running on port "
                        + config.port() + "; say --port if it has another, or use the supervisor that started it"));
        if (!server.destroy()) {
            throw new CommandFailedException("the server with pid " + server.pid() + " cannot be signalled");
        }
        out.println("The server on port " + config.port() + " (pid " + server.pid()
                + ") is draining; it ends when its connections are closed.");
        return 0;
    }

    private static String restartCluster(ScalingConfig scaling) throws InterruptedException {
        int nodes;
        try {
            nodes = ClusterRequest.send(scaling, new Control.Restart(UUID.randomUUID().toString()), PATIENCE);
        } catch (IOException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()));
        }
        if (nodes == 0) {
            throw new CommandFailedException("no server of this cluster is running: none has a lease under \""
                    + scaling.prefix() + "\" in Redis at " + scaling.redis().nodes());
        }
        return nodes == 1 ? "The one node of this cluster drains and ends."
                : "The " + nodes
                        + " nodes of this cluster drain and end one at a time, each when the one before is back.";
    }
}
