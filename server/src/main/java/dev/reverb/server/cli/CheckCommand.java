package dev.reverb.server.cli;

import dev.reverb.model.App;
import dev.reverb.server.config.OpenFilesLimit;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.Settings;
import dev.reverb.server.tls.ReloadingTls;
import java.io.PrintWriter;
import java.util.List;

/** Reads all settings, certificates too, and says what a start with them would serve. */
final class CheckCommand implements CliCommand {

    @Override
    public String name() {
        return "check";
    }

    @Override
    public List<String> help() {
        return List.of("Reads the settings, certificates too, and says what would be served, secrets masked.",
                "Exits with 1 and one line when something is wrong.");
    }

    @Override
    public List<Flag> flags() {
        return SettingsFlags.ALL;
    }

    @Override
    public List<String> examples() {
        return List.of("reverb check", "reverb check --config reverb.yaml");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) {
        Settings settings = Settings.read(System.getenv(), SettingsFlags.config(arguments),
                SettingsFlags.overrides(arguments));
        ServerConfig config = settings.server();
        settings.warnings().forEach(warning -> out.println("warning: " + warning));
        row(out, "listens on", Addresses.url(config.tls().isPresent() ? "https" : "http", config.host(), config.port())
                + config.path());
        row(out, "clients connect to", config.publicAddress()
                .host()
                .map(host -> Addresses.url(config.publicAddress().scheme(), host, config.publicAddress().port()))
                .orElse("the same"));
        config.tls().ifPresent(tls -> {
            try (ReloadingTls loaded = ReloadingTls.start(tls)) {
                row(out, "certificate", tls.localCert() + ", ends " + loaded.expires()
                        + (tls.verifyPeer() ? ", clients must show one" : ""));
            }
        });
        row(out, "health and metrics", Addresses.url("http", config.management().host(), config.management().port()));
        row(out, "file", settings.file().map(file -> file + " (watched)").orElse("none"));
        row(out, "drain",
                config.drain()
                        .duration()
                        .map(duration -> "over " + duration.toSeconds() + " s")
                        .orElse("over 60 s when other nodes serve, else at once") + ", at least "
                        + config.drain().closesPerSecond() + " a second");
        row(out, "scaling", scaling(config.scaling()));
        if (config.rebalance().enabled()) {
            row(out, "rebalancing", rebalancing(config));
        }
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
            row(out, app.id(), "key " + app.key() + ", "
                    + (app.secrets().size() == 1 ? "secret ****" : app.secrets().size() + " secrets ****")
                    + ", origins " + String.join(" ", app.allowedOrigins())
                    + (app.maxConnections().isPresent() ? ", " + app.maxConnections().getAsInt() + " connections" : "")
                    + (app.webhooks().isEmpty() ? "" : ", " + app.webhooks().size() + " webhooks")
                    + (app.enabled() ? "" : ", disabled"));
        }
        return 0;
    }

    private static String scaling(ScalingConfig scaling) {
        return scaling.enabled() ? "over " + scaling.redis() + ", prefix " + scaling.prefix()
                : "off: this server is alone";
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
