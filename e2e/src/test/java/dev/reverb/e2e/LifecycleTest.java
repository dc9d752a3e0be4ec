package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.Kubernetes;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What exists, when: nothing is written twice, nothing is left behind, nothing of the user's is lost. */
@ExtendWith(InstalledOperator.class)
class LifecycleTest {

    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration GONE = Duration.ofMinutes(2);
    private static final String KINDS = "statefulsets,services,secrets,configmaps,serviceaccounts,"
            + "poddisruptionbudgets,networkpolicies," + "ingresses,horizontalpodautoscalers";

    @Test
    void reconcilingAgainChangesNoObject(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("still", "  ingress: {host: ws.example.com, profile: ingress-nginx}\n");
            clusters.awaitSettled("still", READY);
            installation.kubectl("annotate", "reverbcluster", "still", "-n", clusters.namespace(), "e2e=warm-up");
            Await.pass(Duration.ofSeconds(8));
            Map<String, String> before = versions(installation, clusters);
            assertTrue(before.size() >= 8, before.toString());

            installation.kubectl("annotate", "reverbcluster", "still", "-n", clusters.namespace(), "--overwrite",
                    "e2e=again");
            Await.pass(Duration.ofSeconds(15));

            assertEquals(before, versions(installation, clusters));
        }
    }

    @Test
    void deletingTheClusterLeavesOnlyTheVolumeAndTheCredentialsThatThePolicyRetains(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("gone", "  drain: {endpointGrace: 1s, duration: 2s}\n");
            clusters.awaitReady("gone", READY);
            clusters.cluster("gone").delete();
            Await.until("everything else of the cluster to be gone", GONE,
                    () -> owned(installation, clusters).equals(List.of("secret/gone-app")),
                    () -> owned(installation, clusters).toString());
            Await.until("the pods to be gone", GONE,
                    () -> clusters.client().pods().inNamespace(clusters.namespace()).list().getItems().isEmpty(),
                    () -> "pods remain");
            assertEquals(1,
                    clusters.client()
                            .persistentVolumeClaims()
                            .inNamespace(clusters.namespace())
                            .list()
                            .getItems()
                            .size());
        }
    }

    @Test
    void uninstallingTheChartLeavesDefinitionsClustersAndServers(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("kept", "");
            clusters.awaitReady("kept", READY);
            List<String> servers = clusters.servers("kept").stream().map(pod -> pod.getMetadata().getUid()).toList();
            try {
                installation.uninstall();
                assertNotNull(installation.client()
                        .apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName("reverbclusters.reverb.dev")
                        .get());
                assertNotNull(clusters.cluster("kept").get());
                assertEquals("", installation.kubectl("get", "clusterrole,clusterrolebinding", "-l",
                        "app.kubernetes.io/instance=" + Installation.RELEASE, "-o", "name"));
                // its pod takes a moment to stop
                Await.until("nothing of the chart to be left", GONE, () -> left(installation).isEmpty(),
                        () -> left(installation));
            } finally {
                installation.install();
            }
            clusters.awaitSettled("kept", READY);
            assertEquals(servers, clusters.servers("kept").stream().map(pod -> pod.getMetadata().getUid()).toList());
        }
    }

    @Test
    void whatTheSpecNoLongerAsksForIsRemoved(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            String more = """
                  autoscaling: {minReplicas: 2, maxReplicas: 3, targetConnections: 100}
                  monitoring: {podMonitor: true, rules: true, dashboard: true}
                """;
            clusters.applyCluster("less", "  ingress: {host: less.example.com}\n" + more);
            clusters.applyCluster("sealed", "  replicas: 1\n  tls: {issuerRef: {name: none}}\n");
            String ingress = "ingress.networking.k8s.io/less";
            Await.until("the Ingress", READY, () -> all(installation, clusters).contains(ingress),
                    () -> all(installation, clusters).toString());
            clusters.applyCluster("less", "  gateway: {parentRefs: [{name: public}]}\n" + more);
            List<String> wanted = new ArrayList<>(List.of("configmap/less-dashboard",
                    "horizontalpodautoscaler.autoscaling/less", "networkpolicy.networking.k8s.io/less",
                    "networkpolicy.networking.k8s.io/less-redis", "poddisruptionbudget.policy/less",
                    "secret/less-redis", "service/less-redis", "statefulset.apps/less-redis"));
            if (Kubernetes.Kind.chosen() != Kubernetes.Kind.GIVEN) {
                wanted.addAll(
                        List.of("certificate.cert-manager.io/sealed-tls", "httproute.gateway.networking.k8s.io/less",
                                "podmonitor.monitoring.coreos.com/less", "prometheusrule.monitoring.coreos.com/less"));
            }
            Await.until("all objects", READY,
                    () -> all(installation, clusters).containsAll(wanted)
                            && !all(installation, clusters).contains(ingress),
                    () -> all(installation, clusters).toString());
            // from now on the servers share the other cluster's Redis
            clusters.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: elsewhere}\nstringData: {url: 'redis://:"
                    + clusters.secret("sealed-redis").get("password") + "@sealed-redis:6379'}\n");
            clusters.applyCluster("less", """
                  replicas: 2
                  redis: {external: {urlSecret: {name: elsewhere}}}
                  disruptionBudget: {enabled: false}
                  networkPolicy: {enabled: false}
                """);
            clusters.applyCluster("sealed", "  replicas: 1\n");
            // the old Redis stays until no server uses it any more
            Await.until("them to be gone", GONE, () -> all(installation, clusters).stream().noneMatch(wanted::contains),
                    () -> all(installation, clusters).toString());
            assertTrue(all(installation, clusters).containsAll(
                    List.of("statefulset.apps/less", "service/less", "service/less-nodes", "secret/less-app")));
        }
    }

    /** A node that nobody answers for: the server that is bound to it starts on the other one. */
    @Test
    @NeedsOwnNode("a node that takes no pods for a moment")
    void aServerOnADeadNodeStartsElsewhere(Installation installation) throws IOException {
        String living = installation.client().nodes().list().getItems().getFirst().getMetadata().getName();
        Node dead = new NodeBuilder().withNewMetadata()
                .withName("dead-node")
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("Unknown")
                .withReason("NodeStatusUnknown")
                .withLastHeartbeatTime(before(Duration.ofMinutes(4)))
                .withLastTransitionTime(before(Duration.ofMinutes(3)))
                .endCondition()
                .endStatus()
                .build();
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("moved", "  drain: {endpointGrace: 1s, duration: 2s}\n");
            clusters.awaitSettled("moved", READY);
            installation.kubectl("cordon", living);
            try {
                installation.client().resource(dead).create();
                String pod = "moved-1";
                String first = clusters.client()
                        .pods()
                        .inNamespace(clusters.namespace())
                        .withName(pod)
                        .get()
                        .getMetadata()
                        .getUid();
                clusters.client().pods().inNamespace(clusters.namespace()).withName(pod).withGracePeriod(0).delete();
                Await.until("a pod that waits for a node", READY, () -> {
                    Pod found = clusters.client().pods().inNamespace(clusters.namespace()).withName(pod).get();
                    return found != null && !found.getMetadata().getUid().equals(first);
                }, () -> "none");
                Path binding = Files.writeString(Files.createTempFile("binding", ".json"), """
                    {"apiVersion":"v1","kind":"Binding","metadata":{"name":"%s"},
                     "target":{"apiVersion":"v1","kind":"Node","name":"dead-node"}}""".formatted(pod));
                installation.kubectl("create", "--raw",
                        "/api/v1/namespaces/" + clusters.namespace() + "/pods/" + pod + "/binding", "-f",
                        binding.toString());
            } finally {
                installation.kubectl("uncordon", living);
            }
            Await.until("both servers to be on the living node", READY,
                    () -> nodes(clusters).equals(List.of(living, living)), () -> nodes(clusters).toString());
            clusters.awaitSettled("moved", READY);
            assertTrue(
                    installation
                            .kubectl("get", "events", "-n", clusters.namespace(), "-o",
                                    "jsonpath={.items[?(@.reason==\"ServerForceDeleted\")].message}")
                            .contains("dead-node"));
        } finally {
            installation.client().nodes().withName("dead-node").delete();
        }
    }

    private static List<String> nodes(ReverbClusters clusters) {
        return clusters.servers("moved").stream().map(pod -> String.valueOf(pod.getSpec().getNodeName())).toList();
    }

    private static String left(Installation installation) {
        return installation.kubectl("get", "all,role,rolebinding,serviceaccount", "-n", Installation.NAMESPACE, "-l",
                "app.kubernetes.io/instance=" + Installation.RELEASE, "-o", "name");
    }

    private static String before(Duration time) {
        return Instant.now().minus(time).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static List<String> all(Installation installation, ReverbClusters clusters) {
        String kinds = Kubernetes.Kind.chosen() == Kubernetes.Kind.GIVEN ? KINDS
                : KINDS + ",certificates.cert-manager.io,httproutes.gateway.networking.k8s.io,"
                        + "podmonitors.monitoring.coreos.com,prometheusrules.monitoring.coreos.com";
        return installation.kubectl("get", kinds, "-n", clusters.namespace(), "-l", "reverb.dev/cluster", "-o", "name")
                .lines()
                .toList();
    }

    /** One node and no enforcer here: what is checked is that the objects say the right thing. */
    @Test
    void policiesAndSpreadAreWritten(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("objects", "");
            clusters.awaitReady("objects", READY);
            String policies = installation.kubectl("get", "networkpolicies", "-n", clusters.namespace(), "-o",
                    "jsonpath={range .items[*]}{.metadata.name}:{.spec.policyTypes} {end}");
            assertTrue(policies.contains("objects:") && policies.contains("objects-redis:"), policies);
            String spread = installation.kubectl("get", "statefulset", "objects", "-n", clusters.namespace(), "-o",
                    "jsonpath={.spec.template.spec.topologySpreadConstraints[*].topologyKey}");
            assertTrue(spread.contains("kubernetes.io/hostname"), spread);
            String budget = installation.kubectl("get", "poddisruptionbudget", "objects", "-n", clusters.namespace(),
                    "-o", "jsonpath={.spec.maxUnavailable} {.spec.unhealthyPodEvictionPolicy}");
            assertEquals("1 AlwaysAllow", budget);
        }
    }

    @Test
    void aSpecThatCannotWorkIsRefusedWithAMessageThatNamesTheField(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            Exception refused = assertThrows(Exception.class, () -> clusters.applyCluster("wrong",
                    "  autoscaling: {minReplicas: 5, maxReplicas: 3, targetConnections: 10}\n"));
            assertTrue(String.valueOf(refused.getMessage()).contains("autoscaling.minReplicas"), refused.getMessage());
            clusters.applyCluster("waits", "  redis: {external: {urlSecret: {name: missing}}}\n");
            Await.until("a condition that names the Secret", READY,
                    () -> clusters.condition("waits", "Ready")
                            .map(c -> String.valueOf(c.get("message")).contains("missing"))
                            .orElse(false),
                    () -> String.valueOf(clusters.condition("waits", "Ready")));
            assertFalse(clusters.condition("waits", "Ready").map(c -> "True".equals(c.get("status"))).orElse(true));
        }
    }

    private static Map<String, String> versions(Installation installation, ReverbClusters clusters) {
        String output = installation.kubectl("get", KINDS, "-n", clusters.namespace(), "-l", "reverb.dev/cluster=still",
                "-o", "jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion}{\"\\n\"}{end}");
        return Arrays.stream(output.split("\n", -1))
                .filter(line -> line.contains("="))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')),
                        line -> line.substring(line.indexOf('=') + 1), (_, last) -> last, TreeMap::new));
    }

    private static List<String> owned(Installation installation, ReverbClusters clusters) {
        return Arrays.stream(installation
                .kubectl("get", KINDS, "-n", clusters.namespace(), "-l", "reverb.dev/cluster=gone", "-o", "name")
                .split("\n", -1)).filter(line -> !line.isBlank()).toList();
    }
}
