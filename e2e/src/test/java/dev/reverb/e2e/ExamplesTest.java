package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.Kubernetes;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.cluster.Shell;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Every example is checked by the API server, and every ReverbCluster among them is applied for real. The quickstart
 * has
 * a test of its own.
 */
@ExtendWith(InstalledOperator.class)
class ExamplesTest {

    private static final Duration READY = Duration.ofMinutes(3);
    private static final Path FOLDER = Shell.repository().resolve("examples");

    /** Applied by the tests below, or by {@link QuickstartTest}. */
    private static final Set<String> APPLIED = Set.of("autoscaling-hpa.yaml", "autoscaling.yaml", "external-redis.yaml",
            "gateway.yaml", "ingress.yaml", "production.yaml", "quickstart.yaml", "team-app.yaml", "tls.yaml");

    @Test
    void everyExampleIsAsItsSchemaSays(Installation installation) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(FOLDER)) {
            files = found.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
        TreeSet<String> clusters = new TreeSet<>();
        List<String> unknown = new ArrayList<>();
        try (ReverbClusters place = new ReverbClusters(installation.client())) {
            for (Path file : files) {
                try (InputStream in = Files.newInputStream(file)) {
                    for (HasMetadata object : installation.client().load(in).items()) {
                        if (object.getKind().startsWith("Reverb")) {
                            clusters.add(FOLDER.relativize(file).toString());
                        }
                        if (defined(installation.client(), object)) {
                            check(installation.client(), object, place.namespace(), file);
                        } else {
                            unknown.add(file + ": " + object.getApiVersion() + " " + object.getKind());
                        }
                    }
                }
            }
        }
        assertEquals(new TreeSet<>(APPLIED), clusters, "what is applied for real below");
        if (Kubernetes.Kind.chosen() == Kubernetes.Kind.GIVEN) {
            unknown.forEach(line -> System.err.println("NOT CHECKED, not defined in this Kubernetes: " + line));
        } else {
            assertEquals(List.of(), unknown, "not defined: dev/kube/foreign-crds lacks it");
        }
    }

    private static boolean defined(KubernetesClient client, HasMetadata object) {
        return client.supports(object.getApiVersion(), object.getKind());
    }

    /** The API server takes it, and no field of it is unknown; nothing is made. */
    private static void check(KubernetesClient client, HasMetadata object, String namespace, Path file) {
        object.getMetadata().setNamespace(namespace);
        try {
            client.resource(object)
                    .inNamespace(namespace)
                    .dryRun(true)
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .create();
        } catch (RuntimeException e) {
            throw new AssertionError(file + ": " + e.getMessage(), e);
        }
    }

    @Test
    void examplesThatNeedNothingElseRun(Installation installation) throws IOException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            for (String name : List.of("ingress", "gateway", "autoscaling", "autoscaling-hpa")) {
                apply(clusters, name);
            }
            for (String cluster : List.of("published", "routed", "elastic", "elastic-hpa")) {
                clusters.awaitReady(cluster, READY);
            }
            assertEquals("3600", get(installation, clusters, "ingress/published",
                    "{.metadata.annotations.nginx\\.ingress\\.kubernetes\\.io/proxy-read-timeout}"));
            assertEquals("ReverbCluster elastic-hpa", get(installation, clusters, "horizontalpodautoscaler/elastic-hpa",
                    "{.spec.scaleTargetRef.kind} {.spec.scaleTargetRef.name}"));
            if (foreign(installation, "gateway.networking.k8s.io/v1", "HTTPRoute")) {
                assertEquals("public ws.example.com routed", get(installation, clusters, "httproute/routed",
                        "{.spec.parentRefs[0].name} {.spec.hostnames[0]} {.spec.rules[0].backendRefs[0].name}"));
                assertEquals("AsDesired", reason(clusters, "routed"));
            }
            if (foreign(installation, "monitoring.coreos.com/v1", "PodMonitor")) {
                assertEquals("management",
                        get(installation, clusters, "podmonitor/elastic-hpa", "{.spec.podMetricsEndpoints[0].port}"));
            }
        }
    }

    @Test
    void theProductionExampleRunsWithItsMonitoring(Installation installation) throws IOException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            apply(clusters, "production");
            clusters.awaitReady("production", READY);
            assertTrue(clusters.secret("production-shop").containsKey("REVERB_APP_KEY"));
            assertTrue(clusters.secret("production-admin").containsKey("REVERB_APP_KEY"));
            assertTrue(get(installation, clusters, "configmap", "{.items[*].metadata.labels}")
                    .contains("grafana_dashboard"));
            if (foreign(installation, "monitoring.coreos.com/v1", "PrometheusRule")) {
                assertTrue(get(installation, clusters, "prometheusrule/production", "{.spec.groups[*].rules[*].alert}")
                        .contains("ReverbDown"));
                assertEquals("AsDesired", reason(clusters, "production"));
            }
        }
    }

    /** As with cert-manager: the certificate is asked for, and the servers start when it is there. */
    @Test
    void theTlsExampleServesTlsOnceThereIsACertificate(Installation installation) throws IOException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            apply(clusters, "tls");
            if (foreign(installation, "cert-manager.io/v1", "Certificate")) {
                Await.until("the Certificate", READY,
                        () -> get(installation, clusters, "certificate",
                                "{.items[*].spec.secretName} {.items[*].spec.dnsNames[0]}")
                                .equals("secure-certificate ws.example.com"),
                        () -> get(installation, clusters, "certificate", "{.items[*].spec}"));
            }
            Path keys = certificate("ws.example.com");
            installation.kubectl("create", "secret", "tls", "secure-certificate", "-n", clusters.namespace(),
                    "--cert=" + keys.resolve("crt"), "--key=" + keys.resolve("key"));
            clusters.awaitReady("secure", READY);
            String address = clusters.servers("secure").getFirst().getStatus().getPodIP();
            String said = Shell.run(Map.of(), List.of("curl", "-sS", "--cacert", keys.resolve("crt").toString(),
                    "--resolve", "ws.example.com:8080:" + address, "https://ws.example.com:8080/up"));
            assertTrue(said.contains("OK"), said);
        }
    }

    @Test
    void theExternalRedisOfTheExampleIsNotThereAndTheConditionSaysSo(Installation installation) throws IOException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            apply(clusters, "external-redis");
            Await.until("the condition", READY,
                    () -> clusters.condition("shared", "RedisReachable")
                            .map(c -> "False".equals(c.get("status")))
                            .orElse(false),
                    () -> String.valueOf(clusters.condition("shared", "RedisReachable")));
            assertEquals("RedisSecretInvalid", reason(clusters, "shared"),
                    "the authority of the example is a line of text");
            String pem = Files.readString(certificate("authority").resolve("crt")).indent(4).strip();
            clusters.apply(Files.readString(FOLDER.resolve("external-redis.yaml"))
                    .replaceFirst("(?s)-----BEGIN CERTIFICATE-----.*-----END CERTIFICATE-----", pem));
            Await.until("the servers are given the address", READY,
                    () -> clusters.secret("shared-config")
                            .values()
                            .stream()
                            .anyMatch(text -> text.contains("rediss://default:change-me@redis.databases.svc:6380/0")),
                    () -> clusters.condition("shared", "Degraded").toString());
        }
    }

    @Test
    void anAppOfAnotherTeamIsAttachedAndGetsItsCredentials(Installation installation) throws IOException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            apply(clusters, "team-app");
            clusters.awaitReady("platform", READY);
            installation.kubectl("wait", "reverbapp/invoices", "-n", clusters.namespace(), "--for=condition=Ready",
                    "--timeout=60s");
            assertTrue(clusters.secret("invoices-reverb").containsKey("REVERB_APP_SECRET"));
        }
    }

    /** Here a finalizer keeps the application until its entry is out of the cluster of the other namespace. */
    @Test
    void anAppOfAnotherNamespaceIsAttachedAndItsDeletionEnds(Installation installation) {
        try (ReverbClusters platform = new ReverbClusters(installation.client());
                ReverbClusters team = new ReverbClusters(installation.client())) {
            platform.applyCluster("platform", "  appNamespaces: [" + team.namespace() + "]\n");
            platform.awaitReady("platform", READY);
            team.apply("apiVersion: reverb.dev/v1\nkind: ReverbApp\nmetadata: {name: invoices}\n"
                    + "spec: {clusterRef: {name: platform, namespace: " + platform.namespace() + "}}\n");
            installation.kubectl("wait", "reverbapp/invoices", "-n", team.namespace(), "--for=condition=Ready",
                    "--timeout=60s");
            installation.kubectl("delete", "reverbapp/invoices", "-n", team.namespace(), "--timeout=60s");
        }
    }

    /** A folder with {@code crt}, a certificate for that name that signs itself, and its {@code key}. */
    private static Path certificate(String name) throws IOException {
        Path keys = Files.createTempDirectory("tls");
        Shell.run(Map.of(),
                List.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
                        "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout",
                        keys.resolve("key").toString(), "-out", keys.resolve("crt").toString()));
        return keys;
    }

    private static void apply(ReverbClusters clusters, String name) throws IOException {
        clusters.apply(Files.readString(FOLDER.resolve(name + ".yaml")));
    }

    /** Always so but on a given Kubernetes, which may lack it. */
    private static boolean foreign(Installation installation, String apiVersion, String kind) {
        boolean there = installation.client().supports(apiVersion, kind);
        if (!there) {
            assertEquals(Kubernetes.Kind.GIVEN, Kubernetes.Kind.chosen(), kind + " is not defined");
            System.err.println("NOT CHECKED, not defined in this Kubernetes: " + apiVersion + " " + kind);
        }
        return there;
    }

    private static String reason(ReverbClusters clusters, String name) {
        return String.valueOf(clusters.condition(name, "Degraded").orElseThrow().get("reason"));
    }

    private static String get(Installation installation, ReverbClusters clusters, String what, String path) {
        return installation.kubectl("get", what, "-n", clusters.namespace(), "-o", "jsonpath=" + path);
    }
}
