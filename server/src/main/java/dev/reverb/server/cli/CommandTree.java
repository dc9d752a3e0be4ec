package dev.reverb.server.cli;

import dev.reverb.model.setting.NearestName;
import dev.reverb.server.cli.client.PublishCommand;
import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CliCommand;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.SettingsFlags;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line, parsed by picocli. Its model is built by calls and not by annotations, which would be read by
 * reflection at every start.
 */
final class CommandTree {

    /** Words of Laravel's artisan and of other programs, and what to do here instead. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(Map.entry("reverb:start", "did you mean start?"),
            Map.entry("reverb:restart", "did you mean restart?"),
            Map.entry("reverb:install", "did you mean start? Nothing has to be installed; docs/laravel.md"),
            Map.entry("install", "did you mean start? Nothing has to be installed; docs/laravel.md"),
            Map.entry("install:broadcasting", "that is the application's: php artisan install:broadcasting"),
            Map.entry("stop", "Ctrl-C, SIGTERM or the supervisor ends a server; did you mean restart?"),
            Map.entry("reload", "did you mean restart? Applications and certificates are reloaded by themselves"),
            Map.entry("status", "did you mean check? A running server answers at /up and on its management port"),
            Map.entry("logs", "did you mean tail? The log is where the server's supervisor writes it"),
            Map.entry("serve", "did you mean start?"), Map.entry("run", "did you mean start?"),
            Map.entry("up", "did you mean start?"), Map.entry("help", "did you mean --help?"),
            Map.entry("version", "did you mean --version?"), Map.entry("reverb", "leave it out: that is this program"));

    /** What the launcher does itself, before this program runs. */
    private static final String BUILD = "build";
    private static final String ARTISAN = "reverb:";

    private final Map<String, CliCommand> commands = new LinkedHashMap<>();
    private final CommandLine line;

    /** @param version printed by {@code --version} */
    CommandTree(List<CliCommand> commands, String... version) {
        CommandSpec root = CommandSpec.create().name("reverb").version(version);
        root.usageMessage()
                .description("A WebSocket server that speaks the Pusher protocol, for users of Laravel Reverb "
                        + "and everyone else.", "")
                .commandListHeading("%nCommands:%n")
                .synopsisSubcommandLabel("COMMAND")
                .footer("", "Examples:", "  reverb start                          with an application for development",
                        "  reverb start --port 9000 --debug      on another port, with every message in the log",
                        "  reverb start --config reverb.yaml     with applications, TLS and limits from a file",
                        "  reverb build                          only build and prepare a fast start",
                        "  reverb publish --channel orders --event shipped --data '{\"id\":7}'",
                        "  reverb tail --app shop                show what happens to an application while it does", "",
                        "Settings also come from the environment and a file: docs/settings.md.");
        root.addOption(help());
        root.addOption(
                OptionSpec.builder("-V", "--version").versionHelp(true).description("Show the version.").build());
        for (CliCommand command : commands) {
            this.commands.put(command.name(), command);
            root.addSubcommand(command.name(), spec(command));
        }
        line = new CommandLine(root).setExpandAtFiles(false).setUsageHelpWidth(120);
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this.").build();
    }

    private static CommandSpec spec(CliCommand command) {
        CommandSpec spec = CommandSpec.create();
        List<String> footer = new ArrayList<>(List.of("", "Examples:"));
        command.examples().forEach(example -> footer.add("  " + example));
        spec.usageMessage()
                .description(command.help().toArray(String[]::new))
                .footer(footer.toArray(String[]::new))
                .sortOptions(false)
                .hidden(command.hidden());
        for (Flag flag : command.flags()) {
            OptionSpec.Builder option = OptionSpec.builder(flag.name())
                    .required(flag.required())
                    .description(flag.help() + (flag.required() ? " Required." : ""));
            spec.addOption((flag.value().isEmpty() ? option.type(boolean.class).arity("0")
                    : option.type(String.class).arity("1").paramLabel(flag.value())).build());
        }
        return spec.addOption(help());
    }

    /** Runs {@code args}; returns the exit code. */
    int run(String[] args, PrintWriter out, PrintWriter err) throws Exception {
        ParseResult parsed;
        try {
            parsed = line.parseArgs(args);
        } catch (ParameterException incomplete) {
            ParameterException e = misspelt(incomplete, args);
            err.println("reverb: " + problem(e) + nearest(e));
            err.println("Try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return 2;
        }
        ParseResult command = parsed.subcommand();
        ParseResult innermost = command == null ? parsed : command;
        if (innermost.isVersionHelpRequested()) {
            line.printVersionHelp(out, Ansi.OFF);
            return 0;
        }
        if (command == null || innermost.isUsageHelpRequested()) {
            innermost.commandSpec().commandLine().usage(out, Ansi.OFF);
            return innermost.isUsageHelpRequested() ? 0 : 2;
        }
        for (OptionSpec option : innermost.matchedOptions()) {
            if (option.<Object>getValue() instanceof String text && text.isBlank()
                    && !option.longestName().equals(PublishCommand.DATA.name())) {
                err.println("reverb: " + option.longestName() + ": \"\" is not allowed; give a value, or leave "
                        + option.longestName() + " out");
                return 2;
            }
        }
        CliCommand called = commands.get(command.commandSpec().name());
        if (called == null) {
            throw new IllegalStateException("no command " + command.commandSpec().name());
        }
        return Main.run(called, Arguments.of(command), out, err);
    }

    /** A flag that is not there is often one that is written otherwise, which says more. */
    private static ParameterException misspelt(ParameterException e, String[] args) {
        if (!(e instanceof MissingParameterException missing) || missing.getMissing().isEmpty()
                || !(missing.getMissing().getFirst() instanceof OptionSpec option) || !option.required()) {
            return e;
        }
        Map<String, OptionSpec> known = e.getCommandLine().getCommandSpec().optionsMap();
        for (int i = 1; i < args.length; i++) {
            OptionSpec flag = known.get(args[i].replaceFirst("=.*", ""));
            if (args[i].startsWith("--") && flag == null) {
                return new UnmatchedArgumentException(e.getCommandLine(), List.of(args[i]));
            }
            if (flag != null && flag.arity().min() > 0 && !args[i].contains("=")) {
                i++; // its value, whatever that looks like
            }
        }
        return e;
    }

    /** The parser counts words from 0; people see words. */
    private static String problem(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()
                || unmatched.getUnmatched().getFirst().startsWith("-")) {
            return String.valueOf(e.getMessage());
        }
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        String written = "\"" + unmatched.getUnmatched().getFirst() + "\"";
        return spec.parent() == null ? "there is no command " + written
                : written + " is one word too many; " + spec.name() + " takes flags alone";
    }

    /** What may have been meant, if anything comes near; else what there is. */
    private static String nearest(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
            return "";
        }
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        String written = unmatched.getUnmatched().getFirst();
        String elsewhere = spec.parent() == null ? ELSEWHERE.get(written) : null;
        if (elsewhere != null) {
            return "; " + elsewhere;
        }
        String flag = written.replaceFirst("=.*", "");
        if (spec.parent() == null && written.startsWith("--")) {
            for (CommandLine command : spec.subcommands().values()) {
                if (command.getCommandSpec().optionsMap().containsKey(flag)) {
                    return "; it goes behind the command: reverb " + command.getCommandName() + " " + flag;
                }
            }
        }
        Set<String> names = new LinkedHashSet<>(spec.optionsMap().keySet());
        names.removeIf(name -> !name.startsWith("--"));
        if (written.matches("-[a-z]")) {
            List<String> same = names.stream().filter(name -> name.startsWith("-" + written)).toList();
            return same.isEmpty() ? allowed(spec) : "; did you mean " + String.join(" or ", same) + "?";
        }
        if (written.matches(".*\\.(ya?ml|json)") && names.contains(SettingsFlags.CONFIG.name())) {
            return "; did you mean " + SettingsFlags.CONFIG.name() + " " + written + "?";
        }
        if (spec.parent() == null) {
            names.addAll(visible(spec));
        }
        return NearestName.to(flag.startsWith(ARTISAN) ? flag.substring(ARTISAN.length()) : flag, names)
                .map(near -> "; did you mean " + near + "?")
                .orElseGet(() -> allowed(spec));
    }

    /** What there is instead of a word that is near nothing: commands, or the flags of one. */
    private static String allowed(CommandSpec spec) {
        return "; allowed is " + String.join(", ", spec.parent() == null ? visible(spec)
                : spec.optionsMap().keySet().stream().filter(name -> name.startsWith("--")).toList());
    }

    private static List<String> visible(CommandSpec spec) {
        List<String> visible = new ArrayList<>();
        spec.subcommands().forEach((name, command) -> {
            if (!command.getCommandSpec().usageMessage().hidden()) {
                visible.add(name);
            }
        });
        visible.add(BUILD);
        return visible;
    }
}
