package dev.reverb.server.cli.train;

import dev.reverb.server.cli.client.SignedRequest;
import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CliCommand;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.Hints;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.cli.log.LogSetup;
import dev.reverb.server.cli.run.ServerProcess;
import dev.reverb.server.config.ServerConfig.LogFormat;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Uses a server in this process the way that clients and back ends do, then ends, so that the JVM can write an
 * ahead-of-time cache of what a start needs. For the launcher.
 */
public final class TrainCommand implements CliCommand {
    private static final String KEY = "training";
    private static final String SECRET = "training-secret";
    private static final int CLIENTS = 5;

    /** Enough for the JVM to know which methods are hot, and how: a restarted server meets its clients all at once. */
    private static final int STORM = 600;
    private static final int EVENTS = 1_000;
    private static final List<String> QUERIES = List.of("channels", "channels/presence-room",
            "channels/presence-room/users", "connections");

    @Override
    public String name() {
        return "train";
    }

    @Override
    public List<String> help() {
        return List.of("Exercises a server and ends, to train the JVM's cache. Called by the launcher.");
    }

    @Override
    public boolean hidden() {
        return true;
    }

    @Override
    public List<Flag> flags() {
        return List.of();
    }

    @Override
    public List<String> examples() {
        return List.of("java -XX:AOTCacheOutput=reverb.aot ... train");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) throws Exception {
        Path file = Files.createTempFile("reverb-training", ".yaml");
        try {
            Files.writeString(file, "apps: [{app_id: training, key: " + KEY + ", secret: " + SECRET + "}]\n");
            Map<String, String> environment = Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0",
                    "REVERB_MANAGEMENT_PORT", "0");
            LogSetup.apply(LogFormat.TEXT, OutputStream.nullOutputStream());
            readAsStartDoes(environment, Path.of("").toAbsolutePath());
            try (Settings settings = Settings.load(environment, Optional.of(file), Overrides.none());
                    ServerProcess process = ServerProcess.start(settings)) {
                exercise(process);
                process.beginDrain();
                process.awaitEnd();
            }
            return 0;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** A start without a file, by variables, and one with nothing configured. */
    private static void readAsStartDoes(Map<String, String> environment, Path folder) {
        Map<String, String> application = new HashMap<>(environment);
        application.putAll(Map.of("REVERB_APP_ID", "training", "REVERB_APP_KEY", KEY, "REVERB_APP_SECRET", SECRET));
        for (Map<String, String> variables : List.of(application, environment)) {
            Surroundings surroundings = Surroundings.of(variables, Arguments.none(), folder);
            try (Settings settings = surroundings.load(Overrides.none())) {
                Hints.of(settings, surroundings.variables(), false, false);
            }
        }
    }

    private static void storm(ServerProcess process) throws IOException {
        for (int i = 0; i < STORM; i++) {
            try (TrainingClient client = new TrainingClient(process.address())) {
                client.join(KEY, SECRET, Integer.toString(i));
            }
        }
    }

    private static void exercise(ServerProcess process) throws IOException {
        storm(process);
        TrainingClient[] clients = new TrainingClient[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = new TrainingClient(process.address());
            clients[i].join(KEY, SECRET, Integer.toString(i));
        }
        SignedRequest signed = new SignedRequest(URI.create("http://training"), KEY, SECRET, Optional.empty());
        String body = "{\"name\":\"trained\",\"data\":\"{}\",\"channels\":[\"room\",\"private-room\"]}";
        try (TrainingClient backEnd = new TrainingClient(process.address());
                TrainingClient scraper = new TrainingClient(process.managementAddress())) {
            for (int i = 0; i < EVENTS; i++) {
                backEnd.request("POST", signed.target("POST", "/apps/training/events", body), body);
            }
            String batch = "{\"batch\":[{\"name\":\"trained\",\"data\":\"1\",\"channel\":\"presence-room\"}]}";
            backEnd.request("POST", signed.target("POST", "/apps/training/batch_events", batch), batch);
            for (String query : QUERIES) {
                backEnd.request("GET", signed.target("GET", "/apps/training/" + query, ""), "");
            }
            for (String page : List.of("/livez", "/readyz", "/metrics")) {
                scraper.request("GET", page, "");
            }
        }
        for (TrainingClient client : clients) {
            client.await("trained");
            client.close();
        }
    }
}
