package dev.reverb.server.cli.client;

import dev.reverb.model.App;
import dev.reverb.model.AppCatalogue;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.EnvFile;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.config.source.Unreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Id, key and secret of the application that a command speaks for. Immutable. */
public record Credentials(String id, String key, String secret) {
    static final Flag APP_ID = Flag.of("--app-id", "ID", "Id of the application (REVERB_APP_ID).");
    static final Flag KEY = Flag.of("--key", "KEY", "Key of the application (REVERB_APP_KEY).");
    static final Flag SECRET = Flag.of("--secret", "SECRET",
            "Secret of the application; the list of processes shows it, REVERB_APP_SECRET and --secret-file do not.");
    static final Flag SECRET_FILE = Flag.of("--secret-file", "FILE",
            "A file that holds the secret of the application.");

    /** Applications that an error names. */
    private static final int SHOWN = 20;

    /**
     * From the flags, else the variables, else the application that the settings configure.
     *
     * @throws CommandFailedException when there is none, or more than one to choose from
     */
    public static Credentials of(Arguments arguments, Surroundings surroundings) {
        Optional<String> flaggedId = arguments.find(APP_ID.name());
        Optional<String> flaggedKey = arguments.find(KEY.name());
        // the application in the variables is another one than the flags name, or one of several
        Map<String, String> variables = differs(flaggedId, surroundings, "REVERB_APP_ID")
                || differs(flaggedKey, surroundings, "REVERB_APP_KEY") ? Map.of() : surroundings.variables();
        boolean several = flaggedId.isEmpty() && flaggedKey.isEmpty() && surroundings.hasFile();
        Optional<String> id = given(arguments, APP_ID, variables, "REVERB_APP_ID");
        Optional<String> key = given(arguments, KEY, variables, "REVERB_APP_KEY");
        Optional<String> file = arguments.find(SECRET_FILE.name()).map(Path::of).map(Credentials::secretIn);
        Optional<String> secret = file.or(() -> given(arguments, SECRET, variables, "REVERB_APP_SECRET"));
        id.ifPresent(text -> requireName(arguments, APP_ID, "REVERB_APP_ID", text));
        key.ifPresent(text -> requireName(arguments, KEY, "REVERB_APP_KEY", text));
        if (id.isPresent() && key.isPresent() && secret.isPresent() && !several) {
            return new Credentials(id.get(), key.get(), secret.get());
        }
        if (flaggedId.isPresent() && flaggedKey.isPresent() && !surroundings.hasFile()) {
            throw new CommandFailedException("the secret of application " + flaggedId.get()
                    + " is missing; set REVERB_APP_SECRET, or name a file that holds it by --secret-file");
        }
        Settings settings = surroundings.read(Overrides.none());
        List<App> configured = settings.development() ? List.of() : List.copyOf(settings.apps().all());
        List<App> apps = configured.stream()
                .filter(app -> flaggedId.isEmpty() || app.id().equals(flaggedId.get()))
                .filter(app -> flaggedKey.isEmpty() || app.key().equals(flaggedKey.get()))
                .toList();
        if (apps.isEmpty()) {
            throw new CommandFailedException(configured.isEmpty() || (flaggedId.isEmpty() && flaggedKey.isEmpty())
                    ? "no application is configured here; say --app-id, --key and --secret-file, or set REVERB_APP_ID, "
                            + "REVERB_APP_KEY and REVERB_APP_SECRET"
                    : "no application of the settings has "
                            + Stream.of(flaggedId.map(named -> APP_ID.name() + " \"" + named + "\""),
                                    flaggedKey.map(named -> KEY.name() + " \"" + named + "\""))
                                    .flatMap(Optional::stream)
                                    .collect(Collectors.joining(" and "))
                            + "; there are "
                            + configured.stream()
                                    .sorted(Comparator.comparing(App::id))
                                    .limit(SHOWN)
                                    .map(app -> app.id() + " (key " + app.key() + ")")
                                    .collect(Collectors.joining(", "))
                            + (configured.size() > SHOWN ? " and " + (configured.size() - SHOWN) + " more" : ""));
        }
        if (apps.size() > 1) {
            throw new CommandFailedException(apps.size() + " applications are configured ("
                    + apps.stream().map(App::id).sorted().collect(Collectors.joining(", "))
                    + "); say which one by --app-id");
        }
        App app = apps.getFirst();
        return new Credentials(app.id(), app.key(), file.or(() -> arguments.find(SECRET.name())).orElse(app.secret()));
    }

    private static boolean differs(Optional<String> flag, Surroundings surroundings, String variable) {
        return flag.isPresent() && !surroundings.variables().getOrDefault(variable, flag.get()).equals(flag.get());
    }

    private static Optional<String> given(Arguments arguments, Flag flag, Map<String, String> variables, String name) {
        return arguments.find(flag.name())
                .or(() -> Optional.ofNullable(variables.get(name))
                        .map(EnvFile::unquoted)
                        .filter(value -> !value.isBlank()));
    }

    /** Refuses what no application can be called, as it would not fit into an address. */
    private static void requireName(Arguments arguments, Flag flag, String variable, String text) {
        try {
            AppCatalogue.KEY.type().parse(new Scalar(text, 0));
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException((arguments.has(flag.name()) ? flag.name() : variable) + ": \"" + text
                    + "\" is not allowed; allowed is " + AppCatalogue.KEY.type().allowed());
        }
    }

    private static String secretIn(Path file) {
        try {
            String secret = Files.readString(file).strip();
            if (!secret.isEmpty()) {
                return secret;
            }
            throw new CommandFailedException(SECRET_FILE.name() + ": \"" + file + "\" is empty");
        } catch (IOException e) {
            throw new CommandFailedException(SECRET_FILE.name() + ": \"" + file + "\" " + Unreadable.why(file)
                    + "; allowed is a readable file that holds the secret");
        }
    }

    @Override
    public String toString() {
        return "Credentials[" + id + "]";
    }
}
