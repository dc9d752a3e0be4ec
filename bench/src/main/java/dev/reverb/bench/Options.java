package dev.reverb.bench;

import dev.reverb.bench.measure.Cores;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The command line of {@code bench/run}.
 *
 * @param rows which rows to measure
 * @param rounds how many rounds of floor, server, peers
 * @param quick short windows, for a look
 * @param serverCommand how to start the server, {@code {port}} for the port; empty measures the floor alone
 * @param peers further servers
 * @param cores who runs where
 * @param waitForQuiet seconds to wait, at most, before each measurement for others to leave both cores alone
 * @param profile record the server with Flight Recorder, one file per row
 * @param folder where results, logs and recordings go
 */
record Options(
        List<Row> rows,
        int rounds,
        boolean quick,
        List<String> serverCommand,
        List<Peer> peers,
        Cores cores,
        int waitForQuiet,
        boolean profile,
        Path folder) {
    /**
     * A further server to measure.
     *
     * @param name what the report calls it
     * @param command how to start it, {@code {port}} for the port
     */
    record Peer(String name, List<String> command) {}

    /** A command line that cannot be followed; the message says why and what is allowed. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    static final String USAGE = """
        bench/run [options]
          --rows A,B         rows to measure (default: all; see --list)
          --rounds N         rounds of floor and server in turn, 1 to 50 (default 5; 2 with --quick)
          --quick            short windows: a look, not a result
          --server COMMAND   how to start the server, {port} for the port, split at blanks
          --floor-only       measure the floor alone
          --peer NAME=COMMAND a further server, measured in every round; may be repeated
          --merging          the floor that merges, as a peer: what is left to win, and what the load can carry
          --server-core N    core of the servers (default 0)
          --load-core N      core of the load (default 1)
          --wait-quiet SECONDS wait at most so long, before each measurement, until others leave the cores alone
          --realtime         on a busy machine: let nothing else run on the cores while measuring (root)
          --profile          record the server with Flight Recorder into bench/target/ROW.jfr
          --host-network     use the machine's own loopback, firewall rules included
          --no-build         use what is built
          --list             name the rows and stop""";

    Options {
        rows = List.copyOf(rows);
        serverCommand = List.copyOf(serverCommand);
        peers = List.copyOf(peers);
    }

    static Options parse(List<String> arguments, Path folder, List<String> floorCommand) throws Wrong {
        List<Row> rows = Rows.ALL;
        int rounds = 0;
        boolean quick = false;
        boolean profile = false;
        boolean realTime = false;
        int waitForQuiet = 0;
        List<String> server = List.of();
        List<Peer> peers = new ArrayList<>();
        int serverCore = 0;
        int loadCore = 1;
        for (int i = 0; i < arguments.size(); i++) {
            String option = arguments.get(i);
            switch (option) {
                case "--quick" -> quick = true;
                case "--realtime" -> realTime = true;
                case "--profile" -> profile = true;
                case "--floor-only" -> server = List.of();
                case "--merging" -> peers.add(new Peer("merging floor", merging(floorCommand)));
                case "--wait-quiet" -> waitForQuiet = number(value(arguments, ++i, option), option, 0, 3600);
                case "--rows" -> rows = rows(value(arguments, ++i, option));
                case "--rounds" -> rounds = number(value(arguments, ++i, option), option, 1, 50);
                case "--server-core" -> serverCore = number(value(arguments, ++i, option), option, 0, 4095);
                case "--load-core" -> loadCore = number(value(arguments, ++i, option), option, 0, 4095);
                case "--server" -> server = List.of(value(arguments, ++i, option).split(" "));
                case "--peer" -> peers.add(peer(value(arguments, ++i, option)));
                default -> throw new Wrong("unknown option " + option + "\n" + USAGE);
            }
        }
        return new Options(rows, rounds > 0 ? rounds : quick ? 2 : 5, quick, server, peers,
                new Cores(serverCore, loadCore, realTime), waitForQuiet, profile, folder);
    }

    private static List<String> merging(List<String> floorCommand) {
        List<String> command = new ArrayList<>(floorCommand);
        command.add("merging");
        return command;
    }

    private static List<Row> rows(String ids) throws Wrong {
        List<Row> rows = new ArrayList<>();
        for (String id : ids.split(",")) {
            rows.add(Rows.ALL.stream()
                    .filter(row -> row.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new Wrong("--rows: no row " + id + "; there are "
                            + Rows.ALL.stream().map(Row::id).collect(Collectors.joining(", ")))));
        }
        return rows;
    }

    private static Peer peer(String text) throws Wrong {
        int at = text.indexOf('=');
        if (at < 1) {
            throw new Wrong("--peer takes NAME=COMMAND, not " + text);
        }
        return new Peer(text.substring(0, at), List.of(text.substring(at + 1).split(" ")));
    }

    private static int number(String text, String option, int least, int most) throws Wrong {
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // refused below, with what is allowed
        }
        throw new Wrong(option + " takes a number from " + least + " to " + most + ", not " + text);
    }

    private static String value(List<String> arguments, int at, String option) throws Wrong {
        @Nullable
        String value = at < arguments.size() ? arguments.get(at) : null;
        if (value == null) {
            throw new Wrong(option + " takes a value\n" + USAGE);
        }
        return value;
    }
}
