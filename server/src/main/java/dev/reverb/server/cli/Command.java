package dev.reverb.server.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One command of the program. Parsed by hand: a library that reads annotations costs a start more time than everything
 * else that a server does until it accepts connections.
 */
interface Command {

    /** The word it is called by. */
    String name();

    /** What it does, in a few lines. */
    List<String> help();

    /** What it can be told. */
    List<Flag> flags();

    /** Calls that show it. */
    List<String> examples();

    /**
     * Does it; returns the exit code.
     *
     * @throws UsageException when the arguments contradict each other
     * @throws CommandFailedException when it cannot be done
     */
    int run(Arguments arguments, PrintWriter out) throws Exception;

    /** The page that {@code --help} shows. */
    default String page() {
        StringBuilder page = new StringBuilder("Usage: reverb " + name() + " [FLAG]...\n");
        help().forEach(line -> page.append(line).append('\n'));
        page.append('\n');
        List<Flag> all = new ArrayList<>(flags());
        all.add(Flag.on("--help", "Show this."));
        int width = all.stream().mapToInt(flag -> flag.name().length() + flag.value().length()).max().orElse(0) + 3;
        for (Flag flag : all) {
            String left = flag.value().isEmpty() ? flag.name() : flag.name() + " " + flag.value();
            page.append("  ").append(left).append(" ".repeat(width - left.length())).append(flag.help()).append(
                    flag.required() ? " Required." : "").append('\n');
        }
        page.append("\nExamples:\n");
        page.append(examples().stream().map(line -> "  " + line + "\n").collect(Collectors.joining()));
        return page.toString();
    }
}
