package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.cli.client.TrustedCertificates;
import dev.reverb.server.tls.Authority;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate that is renewed under a running server. */
final class RenewalTest {

    @TempDir
    Path folder;

    @Test
    void aRenewedCertificateServesWhoComesNextAndCutsNobodyOff() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("first", 1);
        authority.issue("second", 2);
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        Map<String, String> environment = new HashMap<>(Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT",
                "0", "REVERB_MANAGEMENT_PORT", "0", "REVERB_TLS_CERT", certificate.toString(), "REVERB_TLS_KEY",
                key.toString(), "REVERB_APP_ID", "shop", "REVERB_APP_KEY", "shop-key", "REVERB_APP_SECRET", "hunter2"));
        use(authority, "first", certificate, key);
        SSLContext trust = TrustedCertificates.read(folder.resolve("ca.pem"));
        // closed behind the server: it waits for its WebSockets to end
        try (HttpClient http = HttpClient.newBuilder().sslContext(trust).build();
                Program server = Program.run(folder, environment, "start")) {
            int port = server.port();
            assertEquals(1, serial(trust, port));
            Subscriber before = Subscriber.join(http, "wss://localhost:" + port, "shop-key", "chat");

            use(authority, "second", certificate, key);
            server.await(line -> line.contains("was renewed"));
            assertEquals(2, serial(trust, port));
            Subscriber after = Subscriber.join(http, "wss://localhost:" + port, "shop-key", "chat");

            Files.writeString(certificate, "half a file");
            server.await(line -> line.contains("The certificate changed and is refused"));
            assertEquals(2, serial(trust, port));

            List<String> publish = List.of("publish", "--url", "https://localhost:" + port, "--cafile",
                    folder.resolve("ca.pem").toString(), "--app-id", "shop", "--key", "shop-key", "--secret", "hunter2",
                    "--channel", "chat", "--event", "still");
            try (Program command = Program.run(folder, Map.of(), publish.toArray(String[]::new))) {
                assertEquals(0, command.exit(), command::output);
            }
            before.await("still");
            after.await("still");
        }
    }

    private static void use(Authority authority, String name, Path certificate, Path key) throws Exception {
        Files.copy(authority.key(name), key, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(authority.certificate(name), certificate, StandardCopyOption.REPLACE_EXISTING);
    }

    private static int serial(SSLContext trust, int port) throws Exception {
        try (SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSerialNumber().intValueExact();
        }
    }
}
