package dev.reverb.server.cli.command;

import java.io.PrintWriter;
import java.util.List;

/** One command of the program. */
public interface CliCommand {

    /** The word it is called by. */
    String name();

    /** What it does, in a few lines. */
    List<String> help();

    /** What it accepts on the command line. */
    List<Flag> flags();

    /** Calls that show it. */
    List<String> examples();

    /** Whether the help leaves it out. */
    default boolean hidden() {
        return false;
    }

    /**
     * Does it; returns the exit code.
     *
     * @throws UsageException when the arguments contradict each other
     * @throws CommandFailedException when it cannot be done
     */
    int run(Arguments arguments, PrintWriter out) throws Exception;
}
