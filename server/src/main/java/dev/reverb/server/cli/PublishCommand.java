package dev.reverb.server.cli;

import dev.reverb.model.App;
import dev.reverb.server.config.Overrides;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.Settings;
import dev.reverb.server.protocol.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;

/** Publishes one event by the signed HTTP API, as a back end would. */
final class PublishCommand implements CliCommand {
    private static final Flag CHANNEL = Flag.of("--channel", "NAME", "Channel; several with commas.").needed();
    private static final Flag EVENT = Flag.of("--event", "NAME", "Name of the event.").needed();
    private static final Flag DATA = Flag.of("--data", "TEXT", "Data of the event, usually JSON ({}).");
    private static final Flag SOCKET_ID = Flag.of("--socket-id", "ID", "A connection that does not get the event.");
    private static final Flag URL = Flag.of("--url", "URL", "The server, with its path prefix if it has one.");
    private static final Flag HOST = Flag.of("--host", "HOST", "The server's host, instead of --url.");
    private static final Flag PORT = Flag.of("--port", "PORT", "The server's port, instead of --url.");
    private static final Flag CAFILE = Flag.of("--cafile", "FILE",
            "Certificates as PEM that the server's is verified against, instead of those that Java trusts.");
    private static final Flag APP_ID = Flag.of("--app-id", "ID", "Id of the application.");
    private static final Flag KEY = Flag.of("--key", "KEY", "Key of the application.");
    private static final Flag SECRET = Flag.of("--secret", "SECRET", "Secret of the application.");
    private static final Flag CONFIG = Flag.of("--config", "FILE", "Configuration file in YAML (REVERB_CONFIG).");

    @Override
    public String name() {
        return "publish";
    }

    @Override
    public List<String> help() {
        return List.of("Publishes one event by the signed HTTP API, as a back end would.",
                "Address and credentials come from the flags, else from the settings that a start here would use.");
    }

    @Override
    public List<Flag> flags() {
        return List.of(CHANNEL, EVENT, DATA, SOCKET_ID, URL, HOST, PORT, CAFILE, APP_ID, KEY, SECRET, CONFIG);
    }

    @Override
    public List<String> examples() {
        return List.of("reverb publish --channel orders --event shipped --data '{\"id\":7}'",
                "reverb publish --channel orders --event shipped --url https://ws.example.com \\",
                "    --app-id shop --key shop-key --secret \"$SECRET\"");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) throws InterruptedException {
        Credentials credentials = credentials(arguments);
        URI base = base(arguments);
        HttpResponse<String> response;
        try {
            response = new SignedRequest(base, credentials.key(), credentials.secret(),
                    arguments.find(CAFILE.name()).map(Path::of).map(TrustedCertificates::read))
                    .post("/apps/" + credentials.id() + "/events", body(arguments));
        } catch (SSLHandshakeException e) {
            throw new CommandFailedException(base + " has a certificate that is not trusted (" + e.getMessage()
                    + "); name its authority's certificate by --cafile FILE");
        } catch (IOException e) {
            throw new CommandFailedException(base + " does not answer: "
                    + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
        }
        if (response.statusCode() != 200) {
            throw new CommandFailedException(
                    base + " answered " + response.statusCode() + ": " + response.body().strip());
        }
        out.println(response.body());
        return 0;
    }

    private record Credentials(String id, String key, String secret) {
        @Override
        public String toString() {
            return "Credentials[" + id + "]";
        }
    }

    private static Credentials credentials(Arguments arguments) {
        Optional<String> id = arguments.find(APP_ID.name());
        Optional<String> key = arguments.find(KEY.name());
        Optional<String> secret = arguments.find(SECRET.name());
        if (id.isPresent() && key.isPresent() && secret.isPresent()) {
            return new Credentials(id.get(), key.get(), secret.get());
        }
        Settings settings = settings(arguments);
        Optional<App> app = settings.development() ? Optional.empty()
                : settings.apps()
                        .all()
                        .stream()
                        .filter(candidate -> id.isEmpty() || candidate.id().equals(id.get()))
                        .filter(candidate -> key.isEmpty() || candidate.key().equals(key.get()))
                        .findFirst();
        if (app.isEmpty()) {
            throw new CommandFailedException(id.isEmpty() && key.isEmpty()
                    ? "no application is configured here; say --app-id, --key and --secret"
                    : "the settings know no application with that id or key; say --app-id, --key and --secret");
        }
        return new Credentials(app.get().id(), app.get().key(), secret.orElse(app.get().secret()));
    }

    private static URI base(Arguments arguments) {
        Optional<String> url = arguments.find(URL.name());
        if (url.isPresent()) {
            try {
                URI base = URI.create(url.get());
                if (base.getHost() != null && base.getScheme() != null && base.getScheme().matches("https?")) {
                    return base;
                }
            } catch (IllegalArgumentException e) {
                // said below
            }
            throw new UsageException("--url: \"" + url.get()
                    + "\" is not allowed; allowed is an address such as https://ws.example.com");
        }
        ServerConfig server = settings(arguments).server();
        String scheme = server.tls().isPresent() ? "https" : "http";
        // a certificate names the public host, not the address that is bound
        String bound = server.tls().isPresent() && server.publicAddress().host().isPresent()
                ? server.publicAddress().host().get()
                : Addresses.reachable(server.host());
        return URI.create(Addresses.url(scheme, arguments.find(HOST.name()).orElse(bound),
                arguments.find(PORT.name()).map(PublishCommand::port).orElse(server.port())) + server.path());
    }

    private static int port(String text) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 65_535 || Integer.parseInt(text) == 0) {
            throw new UsageException(
                    "--port: \"" + text + "\" is not allowed; allowed is a whole number from 1 to 65535");
        }
        return Integer.parseInt(text);
    }

    private static Settings settings(Arguments arguments) {
        return Settings.lenient(System.getenv(), SettingsFlags.config(arguments), Overrides.none());
    }

    private static String body(Arguments arguments) {
        JsonWriter body = new JsonWriter(256).ascii("{\"name\":")
                .string(arguments.find(EVENT.name()).orElseThrow())
                .ascii(",\"channels\":[");
        String separator = "";
        for (String channel : arguments.find(CHANNEL.name()).orElseThrow().split(",")) {
            body.ascii(separator).string(channel);
            separator = ",";
        }
        body.ascii("],\"data\":").string(arguments.find(DATA.name()).orElse("{}"));
        arguments.find(SOCKET_ID.name()).ifPresent(id -> body.ascii(",\"socket_id\":").string(id));
        return new String(body.ascii("}").toBytes(), StandardCharsets.UTF_8);
    }
}
