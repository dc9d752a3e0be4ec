package dev.reverb.server.cli.command;

import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.EnvFile;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.config.source.Unreadable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a command finds its settings: the environment, and beside it the folder of a service, or the {@code .env} of
 * the Laravel application whose folder the command is run in. Immutable.
 *
 * @param variables the environment, and below it what a file of variables adds
 * @param config the configuration file that a flag or the service's folder names
 * @param service the folder of a service, which must be configured; empty for a command that a person runs
 * @param notes lines for the person who runs it: what was taken from where
 * @param files where a variable stands that is not of the environment
 */
public record Surroundings(
        Map<String, String> variables,
        Optional<Path> config,
        Optional<Path> service,
        List<String> notes,
        Map<String, Path> files) {

    private static final String CONFIG_VARIABLE = "REVERB_CONFIG";
    /** How an error begins that is about the application of the variables. */
    private static final String ENVIRONMENT = "application in the environment";
    private static final Set<String> CREDENTIALS = Set.of("REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET");

    public Surroundings {
        variables = Map.copyOf(variables);
        notes = List.copyOf(notes);
        files = Map.copyOf(files);
    }

    /**
     * Of a command with {@code arguments}, in this process's environment and folder.
     *
     * @throws SettingsException when a file that is there cannot be read
     */
    public static Surroundings of(Arguments arguments) {
        return of(System.getenv(), arguments, Path.of("").toAbsolutePath());
    }

    public static Surroundings of(Map<String, String> environment, Arguments arguments, Path folder) {
        Optional<Path> config = SettingsFlags.config(arguments);
        Optional<Path> service = SettingsFlags.service(arguments);
        if (service.isPresent()) {
            return ofService(environment, config, service.get());
        }
        boolean named = config.isPresent() || !environment.getOrDefault(CONFIG_VARIABLE, "").isBlank();
        Path dotEnv = folder.resolve(".env");
        boolean laravel = Files.isRegularFile(folder.resolve("artisan"));
        if (named || !laravel || !Files.isRegularFile(dotEnv)) {
            boolean complete = CREDENTIALS.stream().noneMatch(name -> unset(environment.get(name)));
            return new Surroundings(environment, config, Optional.empty(),
                    named || complete ? List.of() : notRead(laravel, dotEnv), Map.of());
        }
        return ofLaravel(environment, config, dotEnv);
    }

    /** Where the application of a Laravel application was to be found, or somebody may think so. */
    private static List<String> notRead(boolean laravel, Path dotEnv) {
        if (laravel) {
            return List.of("This is a Laravel application without a " + dotEnv + ": its application is not served; cp "
                    + ".env.example .env, or set REVERB_APP_ID, REVERB_APP_KEY and REVERB_APP_SECRET");
        }
        try (Stream<String> lines = Files.lines(dotEnv)) {
            return lines.anyMatch(line -> line.matches("\\s*(export\\s+)?REVERB_APP_.*"))
                    ? List.of(dotEnv + " has variables of this server and is not read, as this is no Laravel "
                            + "application's folder (no artisan); in a shell: set -a; . ./.env; set +a")
                    : List.of();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // it is not there, or nobody's business
        }
    }

    private static boolean unset(@Nullable String value) {
        return value == null || value.isBlank() || value.strip().equals("null");
    }

    private static Surroundings ofService(Map<String, String> environment, Optional<Path> config, Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new SettingsException(
                    "--service: \"" + folder + "\" " + (Files.exists(folder) ? "is no folder" : Unreadable.why(folder))
                            + "; allowed is a folder with reverb.yaml, reverb.env or both");
        }
        if (!Files.isExecutable(folder)) {
            throw new SettingsException("--service: \"" + folder + "\" may not be entered by the user "
                    + System.getProperty("user.name") + "; give it to that user's group with mode 750");
        }
        Map<String, String> variables = new LinkedHashMap<>();
        Path file = folder.resolve("reverb.env");
        if (!Files.notExists(file)) {
            variables.putAll(EnvFile.read(file));
        }
        Map<String, Path> files = placed(variables, environment, file);
        variables.putAll(environment);
        Path yaml = folder.resolve("reverb.yaml");
        boolean named = config.isPresent() || !variables.getOrDefault(CONFIG_VARIABLE, "").isBlank();
        return new Surroundings(variables, named || Files.notExists(yaml) ? config : Optional.of(yaml),
                Optional.of(folder), List.of(), files);
    }

    private static Map<String, Path> placed(Map<String, String> variables, Map<String, String> environment, Path file) {
        return variables.keySet()
                .stream()
                .filter(name -> !environment.containsKey(name))
                .collect(Collectors.toMap(name -> name, _ -> file));
    }

    /** What the application has of ours; whatever else its file holds stays where it is. */
    private static Surroundings ofLaravel(Map<String, String> environment, Optional<Path> config, Path file) {
        Map<String, String> variables = new LinkedHashMap<>();
        Map<String, String> all = EnvFile.read(file);
        all.forEach((name, value) -> {
            if (name.startsWith("REVERB_") || name.startsWith("REDIS_")) {
                variables.put(name, value);
            }
        });
        List<String> taken = variables.keySet()
                .stream()
                .filter(name -> name.startsWith("REVERB_") && !environment.containsKey(name)
                        && !unset(variables.get(name)))
                .sorted()
                .toList();
        List<String> notes = new ArrayList<>();
        if (!taken.isEmpty()) {
            notes.add("This is a Laravel application: from " + file + (taken.size() == 1 ? " is" : " are") + " taken "
                    + String.join(", ", taken));
        }
        List<String> missing = CREDENTIALS.stream()
                .filter(name -> unset(environment.containsKey(name) ? environment.get(name) : variables.get(name)))
                .sorted()
                .toList();
        if (!missing.isEmpty()) {
            notes.add(file + " lacks " + String.join(", ", missing) + ", so its application is not served; "
                    + (all.containsKey("PUSHER_APP_ID")
                            ? "give them the values of its PUSHER_APP_ID, PUSHER_APP_KEY and PUSHER_APP_SECRET"
                            : "php artisan install:broadcasting --reverb writes them"));
        }
        Map<String, Path> files = placed(variables, environment, file);
        variables.putAll(environment);
        return new Surroundings(variables, config, Optional.empty(), notes, files);
    }

    /** Whether there is a configuration file, which may hold several applications. */
    public boolean hasFile() {
        return config.isPresent() || !variables.getOrDefault(CONFIG_VARIABLE, "").isBlank();
    }

    /** Settings that follow their file from now on. */
    public Settings load(Overrides overrides) {
        return placed(() -> Settings.load(variables, config, overrides));
    }

    /** Where a server of these settings is; the applications are left out, of which a person may have set a part. */
    public ServerConfig server() {
        Map<String, String> rest = new LinkedHashMap<>(variables);
        rest.keySet().removeAll(CREDENTIALS);
        return placed(() -> Settings.lenient(rest, config, Overrides.none()).server());
    }

    /** Settings to be used once. */
    public Settings read(Overrides overrides) {
        return placed(() -> Settings.read(variables, config, overrides));
    }

    /** What {@code reader} returns; an error about a variable that stands in a file names that file. */
    private <T> T placed(Supplier<T> reader) {
        try {
            return reader.get();
        } catch (SettingsException e) {
            String message = String.valueOf(e.getMessage());
            Optional<Path> file = message.startsWith(ENVIRONMENT)
                    ? CREDENTIALS.stream().flatMap(name -> Optional.ofNullable(files.get(name)).stream()).findFirst()
                    : Optional.ofNullable(files.get(message.replaceFirst("[^A-Z0-9_].*", "")));
            if (file.isEmpty()) {
                throw e;
            }
            throw new SettingsException(message + " (it stands in " + file.get() + ")");
        }
    }

    /**
     * Refuses an application for development where it would be one by mistake: in a service, and in a cluster, each of
     * whose nodes would make another one.
     *
     * @throws CommandFailedException then, with what to set
     */
    public void refuseDevelopment(Settings settings) {
        if (!settings.development()) {
            return;
        }
        String remedy = "; set REVERB_APP_ID, REVERB_APP_KEY and REVERB_APP_SECRET, or list applications in the file";
        if (service.isPresent()) {
            throw new CommandFailedException("no application is configured: " + service.get() + " has "
                    + (config.isPresent() ? "a reverb.yaml without apps:" : "no reverb.yaml")
                    + (Files.exists(service.get().resolve("reverb.env")) ? ", and its reverb.env names none"
                            : ", and no reverb.env")
                    + remedy);
        }
        if (settings.server().scaling().enabled()) {
            throw new CommandFailedException("no application is configured, and with scaling on every node would make "
                    + "one of its own" + remedy + ", the same at every node");
        }
    }

    /** The variables may hold secrets. */
    @Override
    public String toString() {
        return "Surroundings[" + config + ", " + service + "]";
    }
}
