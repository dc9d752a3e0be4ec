package dev.reverb.server.clients;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An application with a server of its own, on a loopback port, set up from the environment alone. */
final class Application implements AutoCloseable {

    static final String ID = "4711";
    static final String KEY = "client-key";
    static final String SECRET = "client-secret";

    private final Settings settings;
    private final ReverbServer server;

    /** On any free port. */
    Application() {
        this(0);
    }

    Application(int port) {
        this(Settings.load(Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", String.valueOf(port),
                "REVERB_MANAGEMENT_PORT", "0", "REVERB_APP_ID", ID, "REVERB_APP_KEY", KEY, "REVERB_APP_SECRET", SECRET),
                Optional.empty(), Overrides.none()));
    }

    /** On any free port, with webhooks to addresses of this machine, from {@code file}, which is written. */
    Application(Path file, List<String> webhooks) throws IOException {
        this(Settings
                .load(Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0", "REVERB_MANAGEMENT_PORT",
                        "0", "REVERB_WEBHOOKS_ALLOW_PRIVATE", "true"),
                        Optional.of(Files.writeString(file,
                                "apps: [{app_id: \"" + ID + "\", key: " + KEY + ", secret: " + SECRET
                                        + ", webhooks: [\"" + String.join("\", \"", webhooks) + "\"]}]")),
                        Overrides.none()));
    }

    private Application(Settings settings) {
        this.settings = settings;
        try {
            server = ReverbServer.start(settings.server(), settings.apps());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.address().getPort();
    }

    /** Its back end, by the server library. */
    Publisher publisher() {
        return new Publisher(port(), ID, SECRET);
    }

    /** A connected client, by the client library, of a page where {@code user} is logged in. */
    Subscriber client(Publisher backEnd, String user) {
        return new Subscriber(port(), backEnd, user);
    }

    /** Ends the server at once. */
    void stop() {
        server.close();
        settings.close();
    }

    @Override
    public void close() {
        stop();
    }
}
