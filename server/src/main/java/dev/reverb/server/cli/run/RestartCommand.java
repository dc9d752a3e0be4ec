package dev.reverb.server.cli.run;

import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CliCommand;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.SettingsFlags;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.cli.command.UsageException;
import dev.reverb.server.cli.run.RunningServers.Running;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.redis.ClusterRequest;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Asks the server on this machine, or all nodes of its cluster in turn, to drain and end; whatever supervises them
 * starts them again.
 */
public final class RestartCommand implements CliCommand {

    /** How long to try to reach Redis. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Flag ALL = Flag.on("--all", "Every server on this machine that this user may restart.");
    private static final Flag PID = Flag.of("--pid", "PID", "The server with this process id.");

    @Override
    public String name() {
        return "restart";
    }

    @Override
    public List<String> help() {
        return List.of("Drains the running server and ends it, so that its supervisor starts it anew.",
                "The server is found by its port, from --port, the environment or the file; run it as the",
                "server's user, or as root.",
                "With scaling on, all nodes of the cluster restart, wherever they are: one at a time, each when the",
                "one before is back.");
    }

    @Override
    public List<Flag> flags() {
        List<Flag> flags = new ArrayList<>(SettingsFlags.ALL);
        flags.addAll(List.of(ALL, PID));
        return flags;
    }

    @Override
    public List<String> examples() {
        return List.of("reverb restart", "reverb restart --port 9000", "reverb restart --all",
                "sudo reverb restart --service /etc/reverb");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) throws InterruptedException {
        if (arguments.has(ALL.name()) && arguments.has(PID.name())) {
            throw new UsageException("--all and --pid exclude each other");
        }
        RunningServers servers = new RunningServers(System.getenv());
        if (arguments.has(ALL.name())) {
            Collection<Running> all = servers.all();
            if (all.isEmpty()) {
                throw new CommandFailedException("no server of this user is running" + others(servers));
            }
            all.forEach(server -> signal(server, out));
            return 0;
        }
        if (arguments.has(PID.name())) {
            String pid = arguments.find(PID.name()).orElseThrow();
            signal(servers.all()
                    .stream()
                    .filter(server -> Long.toString(server.process().pid()).equals(pid))
                    .findFirst()
                    .orElseThrow(() -> new CommandFailedException("--pid: \"" + pid
                            + "\" is no server that this user may restart" + running(servers.all()) + others(servers))),
                    out);
            return 0;
        }
        ServerConfig config = Surroundings.of(arguments).read(SettingsFlags.overrides(arguments)).server();
        if (config.scaling().enabled()) {
            out.println(restartCluster(config.scaling()));
            return 0;
        }
        signal(servers.find(config.port())
                .orElseThrow(() -> new CommandFailedException("no server of this user is running on port "
                        + config.port() + running(servers.all()) + others(servers)
                        + "; say --port if it has another, or use the supervisor that started it")),
                out);
        return 0;
    }

    private static void signal(Running server, PrintWriter out) {
        if (!server.process().destroy()) {
            throw new CommandFailedException("the server with pid " + server.process().pid() + " cannot be signalled");
        }
        out.println("The server on port " + server.port() + " (pid " + server.process().pid()
                + ") is draining; it ends when its connections are closed.");
    }

    private static String running(Collection<Running> servers) {
        return servers.isEmpty() ? ""
                : servers.stream()
                        .map(server -> "port " + server.port() + " (pid " + server.process().pid() + ", user "
                                + server.user() + ")")
                        .collect(Collectors.joining(", ", "; running are: ", ""));
    }

    private static String others(RunningServers servers) {
        Set<String> users = servers.otherUsers();
        return users.isEmpty() || System.getProperty("user.name").equals("root") ? ""
                : "; servers of " + String.join(", ", users) + " may be: run this as that user (sudo -u "
                        + users.iterator().next() + "), or as root";
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
