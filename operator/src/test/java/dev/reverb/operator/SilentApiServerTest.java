package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An operator that starts while the API server takes connections and answers nothing. */
class SilentApiServerTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @Test
    void itIsLiveAndNotReadySoThatNobodyRestartsItForWaiting() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(
                                new ConfigBuilder().withMasterUrl("http://127.0.0.1:" + silent.getLocalPort()).build())
                        .build();
                HttpClient http = HttpClient.newHttpClient()) {
            silent.setSoTimeout((int) TIMEOUT.toMillis());
            int port = freePort();
            Thread.ofPlatform().daemon().start(() -> start(client, port));
            try (Socket _ = silent.accept()) { // it is in the middle of its start
                assertEquals(200, status(http, port, "/livez"));
                assertEquals(503, status(http, port, "/readyz"));
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    private static void start(KubernetesClient client, int port) {
        try {
            ReverbOperator.start(client,
                    OperatorSettings
                            .load(Map.of("REVERB_OPERATOR_LEADER_ELECTION", "false", "REVERB_OPERATOR_MANAGEMENT_PORT",
                                    Integer.toString(port), "REVERB_OPERATOR_NAMESPACES", "default")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int status(HttpClient http, int port, String path) throws Exception {
        return http
                .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(TIMEOUT).build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
