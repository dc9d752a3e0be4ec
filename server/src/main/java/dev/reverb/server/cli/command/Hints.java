package dev.reverb.server.cli.command;

import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.tls.ReloadingTls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is allowed and yet seldom meant, for the person who starts a server or checks its settings. Pure.
 */
public final class Hints {
    private static final int HTTPS = 443;

    private Hints() {}

    /**
     * One line each.
     *
     * @param hostnameFlag whether the public host came from {@code --hostname}, which asks for its certificate
     * @param portFlag whether the port came from {@code --port}
     */
    public static List<String> of(Settings settings, Map<String, String> variables, boolean hostnameFlag,
            boolean portFlag) {
        ServerConfig config = settings.server();
        List<String> hints = new ArrayList<>();
        certificate(config, hostnameFlag).ifPresent(hints::add);
        String serverPort = variables.getOrDefault("REVERB_SERVER_PORT", "");
        String publicPort = variables.getOrDefault("REVERB_PORT", "").strip();
        if (!publicPort.isEmpty() && serverPort.isBlank() && !portFlag && config.publicAddress().port() != HTTPS
                && config.publicAddress().port() != config.port()
                && config.publicAddress().port() != config.apiPort()) {
            hints.add("REVERB_PORT=" + config.publicAddress().port() + " is the port that clients connect to; this "
                    + "server listens on " + config.port() + ", which REVERB_SERVER_PORT or --port changes");
        }
        if (config.api().isPresent() && config.publicAddress().port() == config.apiPort()) {
            hints.add("port " + config.apiPort() + " serves the HTTP API alone (REVERB_API_PORT): REVERB_PORT is right "
                    + "for a back end, but browsers connect to " + config.port()
                    + ", which is VITE_REVERB_PORT in a Laravel application");
        }
        if (config.path().equals("/app") || config.path().endsWith("/app")) {
            hints.add("the path " + config.path() + " stands before every route: clients connect to " + config.path()
                    + "/app/KEY; leave it out unless their wsPath is \"" + config.path() + "\"");
        }
        if (config.tls().isPresent() && config.publicAddress().host().isPresent()
                && config.publicAddress().scheme().equals("http")) {
            hints.add("REVERB_SCHEME=http, but this server speaks TLS: clients have to connect by https; set "
                    + "REVERB_SCHEME=https, or leave REVERB_TLS_CERT out");
        }
        if (!settings.development() && settings.apps().all().isEmpty()) {
            hints.add("no application is served: every client is refused with 4001; the file says apps: []");
        }
        return hints;
    }

    /** That the certificate in force does not fit the public host; empty when it does, or there is none. */
    public static Optional<String> otherHost(ServerConfig config, ReloadingTls tls) {
        return config.publicAddress().host().filter(host -> !tls.isFor(host)).map(host -> otherHost(host, tls.names()));
    }

    private static String otherHost(String host, List<String> names) {
        return "the certificate is for "
                + (names.isEmpty() ? "no host (it has no subjectAltName)" : String.join(", ", names)) + " and not for "
                + host + ", which clients connect to (REVERB_HOST): they will refuse it";
    }

    private static Optional<String> certificate(ServerConfig config, boolean hostnameFlag) {
        Optional<String> host = config.publicAddress().host();
        if (host.isEmpty() || config.tls().isPresent() || !config.publicAddress().scheme().equals("https")) {
            return Optional.empty();
        }
        return Optional.of(hostnameFlag
                ? "no certificate for " + host.get() + " was found, of Herd, of Valet or of mkcert: this server speaks "
                        + "plain HTTP. Make one (herd secure, valet secure, mkcert " + host.get()
                        + ") or name one by REVERB_TLS_CERT and REVERB_TLS_KEY"
                : "clients connect to " + Addresses.url("https", host.get(), config.publicAddress().port())
                        + ", but no certificate for it was found and this server speaks plain HTTP: a proxy in front "
                        + "has to end TLS; else set REVERB_TLS_CERT and REVERB_TLS_KEY, or REVERB_SCHEME=http");
    }
}
