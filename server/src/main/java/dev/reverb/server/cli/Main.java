package dev.reverb.server.cli;

import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.cli.check.CheckCommand;
import dev.reverb.server.cli.client.PublishCommand;
import dev.reverb.server.cli.client.TailCommand;
import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CliCommand;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.cli.command.UsageException;
import dev.reverb.server.cli.run.RestartCommand;
import dev.reverb.server.cli.run.StartCommand;
import dev.reverb.server.cli.train.TrainCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The program {@code reverb}. Exit codes: 0 done, 1 could not, 2 wrong usage, 130 and 143 cut short by a signal. */
public final class Main {
    private Main() {}

    /** Runs {@code args} and ends the process with the exit code. */
    public static void main(String[] args) throws Exception {
        // as ReloadingTls does, but before this process speaks TLS to Redis or to a webhook: it is read once
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        int code = run(args, new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        System.exit(code);
    }

    /** Runs {@code args}; returns the exit code. */
    static int run(String[] args, PrintWriter out, PrintWriter err) throws Exception {
        // where there is nothing to parse, a start does not wait for the parser to be loaded
        if (args.length == 1 && args[0].equals("start")) {
            return run(new StartCommand(), Arguments.none(), out, err);
        }
        return new CommandTree(List.of(new StartCommand(), new RestartCommand(), new CheckCommand(),
                new PublishCommand(), new TailCommand(), new TrainCommand()), "Reverb " + Version.text(),
                "Java " + Runtime.version()).run(args, out, err);
    }

    /** Runs one command; returns the exit code. */
    static int run(CliCommand command, Arguments arguments, PrintWriter out, PrintWriter err) throws Exception {
        try {
            return command.run(arguments, out);
        } catch (UsageException e) {
            err.println("reverb: " + e.getMessage());
            err.println("Try: reverb " + command.name() + " --help");
            return 2;
        } catch (SettingsException | CommandFailedException e) {
            err.println("reverb: " + e.getMessage());
            return 1;
        }
    }
}
