package dev.reverb.server.cli.client;

import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.server.cli.command.Addresses;
import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.SettingsFlags;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.cli.command.UsageException;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Where a command finds the HTTP API of a running server, and what it verifies its certificate against. */
final class ServerAddress {
    static final Flag URL = Flag.of("--url", "URL", "The server, with its path prefix if it has one.");
    static final Flag HOST = Flag.of("--host", "HOST", "The server's host, instead of --url.");
    static final Flag PORT = Flag.of("--port", "PORT", "The server's port, instead of --url.");
    static final Flag CAFILE = Flag.of("--cafile", "FILE",
            "Certificates as PEM that the server's is verified against, instead of those that Java trusts.");

    /** All of them, and those of the application that the command speaks for. */
    static final List<Flag> FLAGS = List.of(URL, HOST, PORT, CAFILE, Credentials.APP_ID, Credentials.KEY,
            Credentials.SECRET, Credentials.SECRET_FILE, SettingsFlags.CONFIG, SettingsFlags.SERVICE);

    private ServerAddress() {}

    /**
     * From the flags, else what a server that started here would listen on.
     *
     * @throws UsageException for what is no address
     */
    static URI of(Arguments arguments, Surroundings surroundings) {
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
        Optional<Integer> port = arguments.find(PORT.name()).map(ServerAddress::port);
        ServerConfig server = surroundings.server();
        String scheme = server.tls().isPresent() ? "https" : "http";
        // a certificate names the public host, not the address that is bound
        String bound = server.tls().isPresent() && server.publicAddress().host().isPresent()
                ? server.publicAddress().host().get()
                : Addresses.reachable(server.apiHost());
        String host = arguments.find(HOST.name()).map(ServerAddress::host).orElse(bound);
        return URI.create(Addresses.url(scheme, host, port.orElse(server.apiPort())) + server.path());
    }

    private static String host(String text) {
        try {
            ServerSettings.HOST_BOUND.type().parse(new Scalar(text, 0));
            return text;
        } catch (IllegalArgumentException e) {
            throw new UsageException("--host: \"" + text + "\" is not allowed; allowed is "
                    + ServerSettings.HOST_BOUND.type().allowed());
        }
    }

    private static int port(String text) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 65_535 || Integer.parseInt(text) == 0) {
            throw new UsageException(
                    "--port: \"" + text + "\" is not allowed; allowed is a whole number from 1 to 65535");
        }
        return Integer.parseInt(text);
    }

    /** @throws CommandFailedException for a file without certificates */
    static Optional<SSLContext> trust(Arguments arguments) {
        return arguments.find(CAFILE.name()).map(Path::of).map(TrustedCertificates::read);
    }
}
