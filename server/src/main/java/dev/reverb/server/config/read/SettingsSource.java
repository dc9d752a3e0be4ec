package dev.reverb.server.config.read;

import dev.reverb.model.App;
import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.FileKeys;
import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.Place;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingProblem;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.app.DevelopmentApp;
import dev.reverb.server.app.RefusedApp;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.source.ConfigDocument;
import dev.reverb.server.config.source.Environment;
import dev.reverb.server.config.source.LaravelConfig;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.config.source.RegularFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where settings come from, to be read as often as the file changes: flags over the environment over the file.
 * Immutable; {@link #read} may be called by any thread.
 */
public final class SettingsSource {
    private static final String OF_AN_APP = "apps[].";

    /** Keys that people will look for under another name than ours. */
    private static final Map<String, String> KNOWN_ELSEWHERE = Map.ofEntries(Map.entry("host", "server.host"),
            Map.entry("port", "server.port"), Map.entry("hostname", "public.host"), Map.entry("metrics", "management"),
            Map.entry("logging", "log"), Map.entry("log.level", "server.debug"), Map.entry("api", "server.api_port"),
            Map.entry("redis.prefix", "scaling.channel"), Map.entry("redis.channel", "scaling.channel"),
            Map.entry("scaling.prefix", "scaling.channel"), Map.entry("redis.server", "redis.url"),
            Map.entry("server.hostname", "public.host"), Map.entry("server.options", "tls"),
            Map.entry("server.tls", "tls"), Map.entry("server.scaling", "scaling"),
            Map.entry("tls.cert", "tls.local_cert"), Map.entry("tls.certificate", "tls.local_cert"),
            Map.entry("tls.enabled", "tls.local_cert"), Map.entry("tls.key", "tls.local_pk"),
            Map.entry("tls.ca", "tls.cafile"), Map.entry("app_id", OF_AN_APP + "app_id"),
            Map.entry("key", OF_AN_APP + "key"), Map.entry("secret", OF_AN_APP + "secret"),
            Map.entry("previous_secrets", OF_AN_APP + "previous_secrets"),
            Map.entry("allowed_origins", OF_AN_APP + "allowed_origins"),
            Map.entry("accept_client_events_from", OF_AN_APP + "accept_client_events_from"),
            Map.entry("rate_limiting", OF_AN_APP + "rate_limiting"), Map.entry("history", OF_AN_APP + "history"));

    private final Environment environment;
    private final Overrides flags;
    private final Optional<Path> file;
    private final DevelopmentApp development;
    private final CertificateDiscovery certificates;

    public SettingsSource(Map<String, String> variables, Optional<Path> configFile, Overrides flags,
            DevelopmentApp development) {
        this.environment = new Environment(Map.copyOf(variables));
        this.flags = flags;
        this.development = development;
        Given given = new Given();
        environment.read(List.of(ServerSettings.CONFIG), given);
        this.file = configFile.or(() -> given.find(ServerSettings.CONFIG));
        this.certificates = new CertificateDiscovery(
                Path.of(environment.find("HOME").orElseGet(() -> System.getProperty("user.home"))), Path.of(""),
                environment.find("CAROOT").map(Path::of));
    }

    /**
     * Everything that was read.
     *
     * @param refused applications of the file that are left out, or stay as they were
     * @param listsApps whether the file has {@code apps:}, perhaps an empty list
     * @param digest SHA-256 of the file's bytes, hexadecimal; empty without a file
     * @param fileTexts what the file says about the server, to find out later what changed
     */
    public record Read(
            ServerConfig server,
            List<App> apps,
            List<RefusedApp> refused,
            boolean listsApps,
            boolean development,
            List<String> warnings,
            Optional<Path> terminationMessagePath,
            Optional<Path> listeners,
            Optional<String> digest,
            Map<Setting<?>, String> fileTexts) {}

    public Optional<Path> file() {
        return file;
    }

    /**
     * Reads the file, if there is one, and everything else.
     *
     * @param inForce the applications that are served now; none at start
     * @throws SettingsException for the first thing that is wrong beside applications of the file
     */
    public Read read(Collection<App> inForce) {
        Mapping document = new Mapping(Map.of(), 1);
        String name = "";
        Optional<String> digest = Optional.empty();
        if (file.isPresent()) {
            name = file.get().toString();
            byte[] content = content(file.get());
            digest = Optional.of(sha256(content));
            document = LaravelConfig.translate(name, ConfigDocument.parse(name, content));
        }
        Given given = new Given();
        new FileKeys(new Place("", name), "", ServerSettings.ALL, Set.of("apps"), KNOWN_ELSEWHERE).read(document,
                given);
        Map<Setting<?>, String> fileTexts = given.texts();
        environment.read(List.of(ServerSettings.SCALING_ENABLED), given);
        List<String> unused = new ArrayList<>();
        environment.read(given.get(ServerSettings.SCALING_ENABLED) ? ServerSettings.ALL : usable(unused), given);
        flags.values().forEach((setting, text) -> given.put(setting, new Scalar(text, 0), setting.flag()));
        List<String> warnings = new ArrayList<>();
        ServerConfig server = new ServerConfigReader(given, certificates, warnings::add).read();
        AppsReader.Apps apps = new AppsReader(environment, server, development).read(name, document, inForce);
        warnings.addAll(apps.warnings());
        environment.warning(server.scaling().enabled()).ifPresent(warnings::add);
        warnings.addAll(unused);
        return new Read(server, apps.apps(), apps.refused(), document.entries().containsKey(AppsReader.APPS),
                apps.development(), List.copyOf(warnings), given.find(ServerSettings.TERMINATION_MESSAGE_PATH),
                given.find(ServerSettings.LISTENERS), digest, fileTexts);
    }

    /**
     * All settings but those of Redis that could not be used: without scaling the variables are a Laravel
     * application's, for its cache, and no reason not to start.
     */
    private List<Setting<?>> usable(List<String> unused) {
        List<Setting<?>> usable = new ArrayList<>(ServerSettings.ALL);
        for (Setting<?> setting : ServerSettings.REDIS) {
            List<SettingProblem> problems = new ArrayList<>();
            Given alone = new Given(problems::add);
            environment.read(List.of(setting), alone);
            alone.find(setting);
            problems.forEach(problem -> unused.add("ignored while scaling is off: " + problem.message()));
            usable.removeIf(candidate -> !problems.isEmpty() && candidate.equals(setting));
        }
        return usable;
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] content(Path file) {
        try {
            byte[] content = RegularFile.read(file, ConfigDocument.MAX_BYTES);
            if (new String(content, 0, Math.min(content.length, 64), StandardCharsets.ISO_8859_1).stripLeading()
                    .startsWith("<?php")) {
                throw new SettingsException("configuration file \"" + file + "\" is PHP; allowed is YAML or JSON, such "
                        + "as php artisan tinker --execute 'echo json_encode(config(\"reverb\"));' prints");
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new SettingsException("configuration file \"" + file
                    + "\" is not there; allowed is a readable YAML file (--config or REVERB_CONFIG)");
        } catch (AccessDeniedException e) {
            throw new SettingsException("configuration file \"" + file + "\" cannot be read: permission denied for "
                    + System.getProperty("user.name")
                    + "; allowed is a readable YAML file (--config or REVERB_CONFIG)");
        } catch (IOException e) {
            throw new SettingsException(
                    "configuration file \"" + file + "\" " + e.getMessage() + "; allowed is a YAML file");
        }
    }
}
