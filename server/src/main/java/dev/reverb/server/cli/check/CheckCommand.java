package dev.reverb.server.cli.check;

import dev.reverb.model.App;
import dev.reverb.server.cli.command.Addresses;
import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CliCommand;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.Hints;
import dev.reverb.server.cli.command.SettingsFlags;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.cluster.redis.RedisTrial;
import dev.reverb.server.config.OpenFilesLimit;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerConfig.DrainConfig;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.tls.ReloadingTls;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Reads all settings, certificates too, and says what a start with them would serve. */
public final class CheckCommand implements CliCommand {
    /** For an answer over a slow network, encrypted. */
    private static final Duration REDIS_PATIENCE = Duration.ofSeconds(30);
    private static final Flag WEBHOOKS = Flag.on("--webhooks",
            "Also sends every webhook a signed request without events, and says what it answered.");
    private static final Duration SOON = Duration.ofDays(14);

    @Override
    public String name() {
        return "check";
    }

    @Override
    public List<String> help() {
        return List.of("Reads the settings, certificates too, and says what would be served, secrets masked.",
                "Exits with 1 and one line when something is wrong, with --webhooks also when one is not answered "
                        + "with 2xx.");
    }

    @Override
    public List<Flag> flags() {
        return Stream.concat(SettingsFlags.ALL.stream(), Stream.of(WEBHOOKS)).toList();
    }

    @Override
    public List<String> examples() {
        return List.of("reverb check", "reverb check --config reverb.yaml", "reverb check --service /etc/reverb",
                "reverb check --config reverb.yaml --webhooks");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) throws InterruptedException {
        Surroundings surroundings = Surroundings.of(arguments);
        Settings settings = surroundings.read(SettingsFlags.overrides(arguments));
        surroundings.refuseDevelopment(settings);
        ServerConfig config = settings.server();
        surroundings.notes().forEach(out::println);
        settings.warnings().forEach(warning -> out.println("warning: " + warning));
        Hints.of(settings, surroundings.variables(), arguments.has(ServerSettings.PUBLIC_HOST.flag()),
                arguments.has(ServerSettings.PORT_BOUND.flag())).forEach(hint -> out.println("warning: " + hint));
        row(out, "listens on",
                address(config.tls().isPresent() ? "https" : "http", config.host(), config.port()) + config.path());
        config.api()
                .ifPresent(api -> row(out, "HTTP API",
                        address(config.tls().isPresent() ? "https" : "http", api.host(), api.port()) + config.path()
                                + "/apps, and not where clients connect"));
        row(out, "clients connect to", config.publicAddress()
                .host()
                .map(host -> Addresses.url(config.publicAddress().scheme(), host, config.publicAddress().port()))
                .orElse("the same"));
        config.tls().ifPresent(tls -> {
            try (ReloadingTls loaded = ReloadingTls.read(tls)) {
                row(out, "certificate", tls.localCert() + ", " + certificate(loaded, Instant.now())
                        + (tls.verifyPeer() ? "; clients must show one" : ""));
                Hints.otherHost(config, loaded).ifPresent(hint -> out.println("warning: " + hint));
            }
        });
        row(out, "health and metrics", address("http", config.management().host(), config.management().port()));
        row(out, "file", settings.file().map(file -> file + " (watched)").orElse("none"));
        row(out, "restart", restart(config.drain(), config.scaling().enabled()));
        row(out, "scaling", scaling(config.scaling()));
        if (config.rebalance().enabled()) {
            row(out, "rebalancing", rebalancing(config));
        }
        settings.listeners().ifPresent(folder -> row(out, "listeners", listeners(folder)));
        OpenFilesLimit files = OpenFilesLimit.read();
        row(out, "connections", config.limits().maxConnections() > 0 ? config.limits().maxConnections() + " at most"
                : files.connections(Runtime.getRuntime().availableProcessors()) + " at most, by the open-files limit");
        out.println();
        if (settings.development()) {
            out.println("No application is configured: a start makes one for development, with random credentials.");
            return 0;
        }
        out.println(
                settings.apps().all().size() == 1 ? "1 application:" : settings.apps().all().size() + " applications:");
        for (App app : settings.apps().all()) {
            int webhooks = app.webhooks().size();
            row(out, app.id(), "key " + app.key() + ", "
                    + (app.secrets().size() == 1 ? "secret ****" : app.secrets().size() + " secrets ****")
                    + ", origins " + String.join(" ", app.allowedOrigins())
                    + (app.maxConnections().isPresent() ? ", " + app.maxConnections().getAsInt() + " connections" : "")
                    + (webhooks == 0 ? "" : ", " + webhooks + (webhooks == 1 ? " webhook" : " webhooks"))
                    + (app.enabled() ? "" : ", disabled"));
        }
        if (arguments.has(WEBHOOKS.name())) {
            WebhookCheck.run(settings.apps(), config.webhooks(), out);
        }
        return 0;
    }

    /** @throws CommandFailedException when a start would fail */
    private static String listeners(Path folder) {
        try {
            return String.join(" ",
                    Listeners.installed(folder).stream().map(each -> each.getClass().getName()).toList());
        } catch (IOException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()));
        }
    }

    private static String address(String scheme, String host, int port) {
        return port == 0 ? Addresses.url(scheme, host, 80).replace(":80", "") + ", on any free port"
                : Addresses.url(scheme, host, port);
    }

    private static String certificate(ReloadingTls loaded, Instant now) {
        return (loaded.names().isEmpty() ? "for no host" : "for " + String.join(" ", loaded.names())) + ", "
                + (loaded.begins().isAfter(now)
                        ? "NOT VALID BEFORE " + loaded.begins() + ": clients refuse it until then"
                        : ends(loaded.expires(), now));
    }

    /** When a certificate ends, and what that means when it has, or is about to. */
    public static String ends(Instant end, Instant now) {
        if (end.isBefore(now)) {
            return "EXPIRED " + end + ": clients refuse it, renew it";
        }
        Duration left = Duration.between(now, end);
        return "ends " + end + (left.compareTo(SOON) < 0 ? ", in " + left.toDays() + " days: renew it" : "");
    }

    /** What those who are connected see of a restart. */
    public static String restart(DrainConfig drain, boolean scaling) {
        String pace = ", at least " + drain.closesPerSecond() + " a second";
        String alone = drain.duration()
                .filter(duration -> !duration.isZero())
                .map(duration -> "connections close over " + duration.toSeconds() + " s" + pace)
                .orElse("all close at once") + " with 4100; clients are back a second after the new server listens";
        if (!scaling) {
            return alone;
        }
        long seconds = drain.duration().orElse(Duration.ofSeconds(60)).toSeconds();
        return (seconds == 0 ? "all close at once" : "connections close over " + seconds + " s" + pace)
                + " with 4200; clients are back at once, at another server. The only server: " + alone;
    }

    private static String scaling(ScalingConfig scaling) throws InterruptedException {
        if (!scaling.enabled()) {
            return "off: this server is alone";
        }
        return "over Redis at " + redis(scaling.redis()) + ", prefix " + scaling.prefix() + ", "
                + RedisTrial.problem(scaling, REDIS_PATIENCE)
                        .map(problem -> "NOT USABLE: " + problem)
                        .orElse("which answers");
    }

    private static String redis(RedisConfig redis) {
        String nodes = String.join(", ", redis.nodes());
        return switch (redis.topology()) {
            case SINGLE -> nodes;
            case SENTINEL -> "the primary that the Sentinels " + nodes + " name";
            case CLUSTER -> "the Cluster of " + nodes;
        } + (redis.tls() ? " (TLS)" : "");
    }

    private static String rebalancing(ServerConfig config) {
        return "over " + config.rebalance().tolerancePercent() + "% above the mean of all servers, at most "
                + config.rebalance().closesPerSecond() + " a second"
                + (config.scaling().enabled() ? "" : "; of no use without scaling");
    }

    private static void row(PrintWriter out, String name, String value) {
        out.printf("  %-20s %s%n", name, value);
    }
}
