package dev.reverb.server.cli;

import dev.reverb.server.config.NearestName;
import dev.reverb.server.config.SettingsException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The program {@code reverb}. Exit codes: 0 done, 1 could not, 2 wrong usage, 130 and 143 cut short by a signal. */
public final class Main {
    private static final List<String> COMMANDS = List.of("start", "restart", "check", "publish");

    private Main() {}

    /** Runs {@code args} and ends the process with the exit code. */
    public static void main(String[] args) throws Exception {
        int code = run(args, new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        System.exit(code);
    }

    /** Runs {@code args}; returns the exit code. */
    static int run(String[] args, PrintWriter out, PrintWriter err) throws Exception {
        String word = args.length == 0 ? "" : args[0];
        return switch (word) {
            case "" -> {
                out.print(page());
                out.flush();
                yield 2;
            }
            case "--help", "-h", "help" -> {
                out.print(args.length > 1 ? command(args[1]).map(Command::page).orElseGet(Main::page) : page());
                out.flush();
                yield 0;
            }
            case "--version", "-V", "version" -> {
                out.println("Reverb " + Version.text() + "\nJava " + Runtime.version());
                yield 0;
            }
            default -> {
                Optional<Command> command = command(word);
                if (command.isEmpty()) {
                    err.println("reverb: there is no command \"" + word + "\""
                            + NearestName.to(word, COMMANDS).map(near -> "; did you mean " + near + "?").orElse(""));
                    err.println("Try: reverb --help");
                    yield 2;
                }
                yield run(command.get(), Arrays.asList(args).subList(1, args.length), out, err);
            }
        };
    }

    private static int run(Command command, List<String> words, PrintWriter out, PrintWriter err) throws Exception {
        if (words.contains("--help") || words.contains("-h")) {
            out.print(command.page());
            out.flush();
            return 0;
        }
        try {
            return command.run(Arguments.parse(command, words), out);
        } catch (UsageException e) {
            err.println("reverb: " + e.getMessage());
            err.println("Try: reverb " + command.name() + " --help");
            return 2;
        } catch (SettingsException | CommandFailedException e) {
            err.println("reverb: " + e.getMessage());
            return 1;
        }
    }

    private static Optional<Command> command(String name) {
        return switch (name) {
            case "start" -> Optional.of(new StartCommand());
            case "restart" -> Optional.of(new RestartCommand());
            case "check" -> Optional.of(new CheckCommand());
            case "publish" -> Optional.of(new PublishCommand());
            case "train" -> Optional.of(new TrainCommand());
            default -> Optional.empty();
        };
    }

    private static String page() {
        return """
                Usage: reverb COMMAND [FLAG]...
                A WebSocket server that speaks the Pusher protocol, for users of Laravel Reverb and everyone else.

                  start        Start a server.
                  restart      Drain the running server and end it, so that its supervisor starts it anew.
                  check        Say what a start would serve, or what is wrong with the settings.
                  publish      Publish one event by the signed HTTP API.
                  --help       Show this; after a command, show its flags.
                  --version    Show the version.

                Examples:
                  reverb start                          with an application for development
                  reverb start --port 9000 --debug      on another port, with every message in the log
                  reverb start --config reverb.yaml     with applications, TLS and limits from a file
                  reverb publish --channel orders --event shipped --data '{"id":7}'

                Settings also come from the environment and a file: docs/settings.md.
                """;
    }
}
