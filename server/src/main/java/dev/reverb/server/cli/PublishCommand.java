package dev.reverb.server.cli;

import dev.reverb.server.app.App;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.Settings;
import dev.reverb.server.protocol.JsonWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Publishes one event by the signed HTTP API, as a back end would. */
@Command(name = "publish", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Publishes one event by the signed HTTP API.",
        "Address and credentials come from the flags, else from the settings that a start here would use."}, footer = {
                "", "Examples:", "  reverb publish --channel orders --event shipped --data '{\"id\":7}'",
                "  reverb publish --channel orders --event shipped --url https://ws.example.com \\",
                "      --app-id shop --key shop-key --secret \"$SECRET\""})
final class PublishCommand implements Callable<Integer> {
    @Option(names = "--channel", paramLabel = "NAME", required = true, split = ",", description = "Channel to publish to; several with commas.")
    private List<String> channels = List.of();

    @Option(names = "--event", paramLabel = "NAME", required = true, description = "Name of the event.")
    private String event = "";

    @Option(names = "--data", paramLabel = "TEXT", defaultValue = "{}", description = "Data of the event, usually JSON (default: ${DEFAULT-VALUE}).")
    private String data = "{}";

    @Option(names = "--socket-id", paramLabel = "ID", description = "A connection that does not get the event.")
    private @Nullable String socketId;

    @Option(names = "--url", paramLabel = "URL", description = "The server, with its path prefix if it has one.")
    private @Nullable URI url;

    @Option(names = "--host", paramLabel = "HOST", description = "The server's host, instead of --url.")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "PORT", description = "The server's port, instead of --url.")
    private @Nullable Integer port;

    @Option(names = "--app-id", paramLabel = "ID", description = "Id of the application.")
    private @Nullable String appId;

    @Option(names = "--key", paramLabel = "KEY", description = "Key of the application.")
    private @Nullable String key;

    @Option(names = "--secret", paramLabel = "SECRET", description = "Secret of the application.")
    private @Nullable String secret;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file in YAML (REVERB_CONFIG).")
    private java.nio.file.@Nullable Path config;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        Credentials credentials = credentials();
        URI base = base();
        HttpResponse<String> response;
        try {
            response = new SignedRequest(base, credentials.key(), credentials.secret()).post(
                    "/apps/" + credentials.id() + "/events", body());
        } catch (IOException e) {
            throw new CommandFailedException(base + " does not answer: "
                    + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
        }
        if (response.statusCode() != 200) {
            throw new CommandFailedException(
                    base + " answered " + response.statusCode() + ": " + response.body().strip());
        }
        spec.commandLine().getOut().println(response.body());
        return 0;
    }

    private record Credentials(String id, String key, String secret) {}

    private Credentials credentials() {
        if (appId != null && key != null && secret != null) {
            return new Credentials(appId, key, secret);
        }
        Settings settings = settings();
        Optional<App> app = settings.development()
                ? Optional.empty()
                : settings.apps().all().stream().filter(
                        candidate -> appId == null || candidate.id().equals(appId)).filter(
                                candidate -> key == null || candidate.key().equals(key)).findFirst();
        if (app.isEmpty()) {
            throw new CommandFailedException(appId == null && key == null
                    ? "no application is configured here; say --app-id, --key and --secret"
                    : "the settings know no application with that id or key; say --app-id, --key and --secret");
        }
        return new Credentials(app.get().id(), app.get().key(), secret == null ? app.get().secret() : secret);
    }

    private URI base() {
        if (url != null) {
            if (url.getHost() == null) {
                throw new CommandFailedException(
                        "--url: \"" + url + "\" is not allowed; allowed is an address such as https://ws.example.com");
            }
            return url;
        }
        ServerConfig server = settings().server();
        String scheme = server.tls().isPresent() ? "https" : "http";
        // a certificate names the public host, not the address that is bound
        String bound = server.tls().isPresent() && server.publicAddress().host().isPresent()
                ? server.publicAddress().host().get()
                : Addresses.reachable(server.host());
        return URI.create(Addresses.url(scheme, host == null ? bound : host, port == null ? server.port() : port)
                + server.path());
    }

    private Settings settings() {
        return Settings.read(Map.copyOf(System.getenv()), Optional.ofNullable(config),
                dev.reverb.server.config.Overrides.none());
    }

    private String body() {
        JsonWriter body = new JsonWriter(256).ascii("{\"name\":").string(event).ascii(",\"channels\":[");
        for (int i = 0; i < channels.size(); i++) {
            if (i > 0) {
                body.ascii(",");
            }
            body.string(channels.get(i));
        }
        body.ascii("],\"data\":").string(data);
        if (socketId != null) {
            body.ascii(",\"socket_id\":").string(socketId);
        }
        return new String(body.ascii("}").toBytes(), StandardCharsets.UTF_8);
    }
}
