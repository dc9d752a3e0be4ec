package dev.reverb.e2e.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The smallest custom metrics API: serves the pods' own meter {@code reverb_connections}, read from the pods at every
 * question, to the API server's aggregator. It runs in the tests' process, on a machine that is the node.
 */
public final class MetricsAdapter implements AutoCloseable {
    private static final String GROUP = "/apis/custom.metrics.k8s.io/v1beta2";
    private static final String METRIC = "reverb_connections";
    private static final Pattern QUESTION = Pattern.compile(GROUP + "/namespaces/([^/]+)/pods/\\*/" + METRIC);
    private static final Pattern VALUE = Pattern.compile("(?m)^" + METRIC + "(?:\\{[^}]*})? ([0-9.eE+]+)$");
    private static final String NAMESPACE = "e2e-metrics";
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final KubernetesClient client;
    private final HttpsServer server;
    private final HttpClient http = HttpClient.newHttpClient();

    private MetricsAdapter(KubernetesClient client, HttpsServer server) {
        this.client = client;
        this.server = server;
    }

    /** Starts it and registers it with the API server. */
    public static MetricsAdapter serve(KubernetesClient client) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls()));
        server.setExecutor(Executors.newCachedThreadPool());
        MetricsAdapter adapter = new MetricsAdapter(client, server);
        server.createContext("/", adapter::answer);
        server.start();
        adapter.register();
        return adapter;
    }

    private static SSLContext tls() throws Exception {
        Path store = Files.createTempDirectory("adapter").resolve("keys.p12");
        Shell.run(Map.of(),
                List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias",
                        "adapter", "-keyalg", "EC", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass",
                        new String(PASSWORD), "-dname", "CN=adapter"));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private void register() {
        String node = client.nodes()
                .list()
                .getItems()
                .getFirst()
                .getStatus()
                .getAddresses()
                .stream()
                .filter(address -> address.getType().equals("InternalIP"))
                .findFirst()
                .orElseThrow()
                .getAddress();
        int port = server.getAddress().getPort();
        client.resource(new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
                .serverSideApply();
        client.resource(new ServiceBuilder().withNewMetadata()
                .withName("adapter")
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withName("https")
                .withPort(443)
                .withNewTargetPort(port)
                .endPort()
                .endSpec()
                .build()).serverSideApply();
        client.resource(new EndpointsBuilder().withNewMetadata()
                .withName("adapter")
                .withNamespace(NAMESPACE)
                .endMetadata()
                .addNewSubset()
                .addNewAddress()
                .withIp(node)
                .endAddress()
                .addNewPort()
                .withName("https")
                .withPort(port)
                .endPort()
                .endSubset()
                .build()).serverSideApply();
        client.load(new ByteArrayInputStream("""
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1beta2.custom.metrics.k8s.io}
            spec:
              group: custom.metrics.k8s.io
              version: v1beta2
              groupPriorityMinimum: 100
              versionPriority: 100
              insecureSkipTLSVerify: true
              service: {namespace: %s, name: adapter, port: 443}
            """.formatted(NAMESPACE).getBytes(StandardCharsets.UTF_8))).serverSideApply();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = URLDecoder.decode(exchange.getRequestURI().getRawPath(), StandardCharsets.UTF_8);
        Matcher question = QUESTION.matcher(path);
        if (path.equals(GROUP)) {
            reply(exchange, 200, """
                {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"custom.metrics.k8s.io/v1beta2","resources":[
                {"name":"pods/%s","singularName":"","namespaced":true,"kind":"MetricValueList","verbs":["get"]}]}"""
                    .formatted(METRIC));
        } else if (question.matches()) {
            reply(exchange, 200, values(question.group(1), selector(exchange.getRequestURI().getRawQuery())));
        } else {
            reply(exchange, 404, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":404}");
        }
    }

    private String values(String namespace, String selector) {
        return client.pods()
                .inNamespace(namespace)
                .withLabelSelector(selector)
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getStatus().getPodIP() != null && pod.getMetadata().getDeletionTimestamp() == null)
                .map(pod -> """
                    {"describedObject":{"kind":"Pod","namespace":"%s","name":"%s","apiVersion":"/v1"},\
                    "metric":{"name":"%s"},\
                    "timestamp":"%s","value":"%d"}""".formatted(namespace, pod.getMetadata().getName(), METRIC,
                        Instant.now(), connections(pod)))
                .collect(Collectors.joining(",",
                        "{\"kind\":\"MetricValueList\",\"apiVersion\":\"custom.metrics.k8s.io/v1beta2\","
                                + "\"metadata\":{},\"items\":[",
                        "]}"));
    }

    private long connections(Pod pod) {
        try {
            String page = http
                    .send(HttpRequest.newBuilder(URI.create("http://" + pod.getStatus().getPodIP() + ":8081/metrics"))
                            .timeout(Duration.ofSeconds(2))
                            .build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return Math.round(
                    VALUE.matcher(page).results().mapToDouble(match -> Double.parseDouble(match.group(1))).sum());
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static String selector(String query) {
        for (String part : String.valueOf(query).split("&", -1)) {
            if (part.startsWith("labelSelector=")) {
                return URLDecoder.decode(part.substring("labelSelector=".length()), StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    private static void reply(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** Takes it back, so that the API server does not wait for an answer that never comes. */
    @Override
    public void close() {
        client.genericKubernetesResources("apiregistration.k8s.io/v1", "APIService")
                .withName("v1beta2.custom.metrics.k8s.io")
                .delete();
        client.namespaces().withName(NAMESPACE).delete();
        server.stop(0);
        http.shutdownNow();
    }
}
