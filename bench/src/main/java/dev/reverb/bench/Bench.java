package dev.reverb.bench;

import dev.reverb.bench.floor.FloorServer;
import dev.reverb.bench.target.Setup;
import dev.reverb.bench.target.Target;
import dev.reverb.testkit.Credentials;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command behind {@code bench/run}. */
public final class Bench {
    private static final Credentials APP = new Credentials("bench", "bench-key", "bench-secret");

    /** Longer than any row: a ping is no delivery. */
    private static final String PING_INTERVAL = "3600";

    private Bench() {}

    /**
     * Measures, prints the table and writes {@code results.json}. Ends with 0 when everything could be measured, 1 when
     * not, 2 when the command line is wrong; a goal that is missed is a result, not an error.
     *
     * @param arguments the folder for what is written, then the options
     */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true,
                java.nio.charset.StandardCharsets.UTF_8);
        try {
            run(List.of(arguments), out);
        } catch (Options.Wrong e) {
            System.err.println("bench: " + e.getMessage());
            System.exit(2);
        } catch (IOException e) {
            System.err.println("bench: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(List<String> arguments, PrintStream out) throws IOException, Options.Wrong {
        Path folder = Path.of(arguments.getFirst());
        List<String> floor = floorCommand();
        if (arguments.contains("--list")) {
            Rows.ALL.forEach(row -> out.printf("%-14s %s%n", row.id(), row.title()));
            return;
        }
        Options options = Options.parse(arguments.subList(1, arguments.size()), folder, floor);
        boolean pin = Boolean.getBoolean("reverb.bench.pin");
        if (!pin) {
            out.println("No taskset (package util-linux): nothing is pinned, and figures per core mean little.");
        }
        List<Target.Recipe> recipes = new ArrayList<>();
        recipes.add(recipe(Outcome.FLOOR, floor, options, pin));
        if (!options.serverCommand().isEmpty()) {
            recipes.add(recipe(Outcome.SERVER, options.serverCommand(), options, pin));
        }
        for (Options.Peer peer : options.peers()) {
            recipes.add(recipe(peer.name(), peer.command(), options, pin));
        }
        Report report = new Report(options.peers().stream().map(Options.Peer::name).toList());
        Results results = new Results(report);
        Contest contest = new Contest(options, APP, recipes, out::println);
        Files.createDirectories(folder);
        List<String> failures = new ArrayList<>();
        List<Row> rows = options.serverCommand().isEmpty()
                ? options.rows().stream().filter(row -> row.setup() == Setup.PLAIN).toList()
                : options.rows();
        for (Row row : rows) {
            try {
                Outcome outcome = contest.run(row);
                report.add(outcome);
                results.add(outcome);
            } catch (IOException e) {
                failures.add(String.valueOf(e.getMessage()));
                results.fail(row, String.valueOf(e.getMessage()));
                out.println("  FAILED " + e.getMessage());
            }
            results.write(folder.resolve("results.json"));
        }
        out.println();
        out.println(report.text());
        out.println("Medians of " + options.rounds() + " rounds, floor and server in turn; ratio: median of the rounds'"
                + " ratios, spread: half their range.\n≥ before a figure: the load side was busy for more "
                + "than 95 %, the"
                + " server may do more. others: share of a core that other processes took.\nEvery delivery was counted;"
                + " a missing or surplus one would have ended the run. All rounds: " + folder.resolve("results.json"));
        if (!failures.isEmpty()) {
            throw new IOException("not every row could be measured:\n" + String.join("\n", failures));
        }
    }

    private static Target.Recipe recipe(String name, List<String> command, Options options, boolean pin) {
        return new Target.Recipe(name, command,
                Map.ofEntries(Map.entry("REVERB_APP_ID", APP.appId()), Map.entry("REVERB_APP_KEY", APP.key()),
                        Map.entry("REVERB_APP_SECRET", APP.secret()), Map.entry("REVERB_SERVER_HOST", "127.0.0.1"),
                        Map.entry("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "members"),
                        Map.entry("REVERB_APP_RATE_LIMITING_ENABLED", "false"),
                        Map.entry("REVERB_APP_PING_INTERVAL", PING_INTERVAL), Map.entry("REVERB_MANAGEMENT_PORT", "0")),
                options.folder().resolve(name.replace(' ', '-') + ".log"), options.cores().server(), pin, Setup.PLAIN);
    }

    private static List<String> floorCommand() {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), FloorServer.class.getName(), "{port}");
    }
}
