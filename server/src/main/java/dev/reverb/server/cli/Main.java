package dev.reverb.server.cli;

import dev.reverb.server.config.SettingsException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;

/** The program {@code reverb}. Exit codes: 0 done, 1 could not, 2 wrong usage, 130 and 143 cut short by a signal. */
@Command(name = "reverb", synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false, description = "A WebSocket server that speaks the Pusher protocol, for Laravel Reverb's users and everyone else.", subcommands = {
        StartCommand.class, RestartCommand.class, CheckCommand.class, PublishCommand.class,
        TrainCommand.class, HelpCommand.class}, footer = {"", "Examples:",
                "  reverb start                          with an application for development",
                "  reverb start --port 9000 --debug      on another port, with every message in the log",
                "  reverb start --config reverb.yaml     with applications, TLS and limits from a file",
                "  reverb check --config reverb.yaml     say what that would serve, or what is wrong with it",
                "  reverb publish --channel orders --event shipped --data '{\"id\":7}'",
                "  reverb restart                        drain the running server and end it",
                "", "Settings also come from the environment and a file: docs/settings.md."})
public final class Main {
    Main() {}

    /** Runs {@code args} and ends the process with the exit code. */
    public static void main(String[] args) {
        int code = run(args, new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        System.exit(code);
    }

    /** Runs {@code args}; returns the exit code. */
    static int run(String[] args, PrintWriter out, PrintWriter err) {
        CommandLine line = new CommandLine(new Main());
        line.setOut(out);
        line.setErr(err);
        line.setUsageHelpWidth(100);
        line.setExecutionExceptionHandler((exception, _, _) -> {
            if (exception instanceof SettingsException || exception instanceof CommandFailedException) {
                err.println("reverb: " + exception.getMessage());
                return CommandLine.ExitCode.SOFTWARE;
            }
            throw exception;
        });
        line.setParameterExceptionHandler((exception, _) -> {
            CommandLine failed = exception.getCommandLine();
            err.println("reverb: " + exception.getMessage());
            if (!ParameterExceptionHints.print(exception, err)) {
                err.println("Try: " + failed.getCommandSpec().qualifiedName() + " --help");
            }
            return CommandLine.ExitCode.USAGE;
        });
        if (args.length == 0) {
            line.usage(out);
            return CommandLine.ExitCode.USAGE;
        }
        return line.execute(args);
    }

    /** What is near to a misspelt flag or command. */
    private static final class ParameterExceptionHints {
        private ParameterExceptionHints() {}

        static boolean print(ParameterException exception, PrintWriter err) {
            return CommandLine.UnmatchedArgumentException.printSuggestions(exception, err);
        }
    }
}
