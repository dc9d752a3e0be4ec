package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Await;
import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import java.time.Duration;
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
    private static final String KINDS = "statefulsets,services,secrets,configmaps,serviceaccounts,poddisruptionbudgets,networkpolicies,"
            + "ingresses,horizontalpodautoscalers";

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
    void deletingTheClusterLeavesOnlyTheVolumeThatThePolicyRetains(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("gone", "  drain: {endpointGrace: 1s, duration: 2s}\n");
            clusters.awaitReady("gone", READY);
            clusters.cluster("gone").delete();
            Await.until("everything of the cluster to be gone", GONE, () -> owned(installation, clusters).isEmpty(),
                    () -> owned(installation, clusters).toString());
            Await.until("the pods to be gone", GONE,
                    () -> clusters.client().pods().inNamespace(clusters.namespace()).list().getItems().isEmpty(),
                    () -> "pods remain");
            assertEquals(1, clusters.client().persistentVolumeClaims().inNamespace(
                    clusters.namespace()).list().getItems().size());
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
                assertNotNull(installation.client().apiextensions().v1().customResourceDefinitions().withName(
                        "reverbclusters.reverb.dev").get());
                assertNotNull(clusters.cluster("kept").get());
                assertEquals("", installation.kubectl("get", "clusterrole,clusterrolebinding", "-l",
                        "app.kubernetes.io/instance=" + Installation.RELEASE, "-o", "name"));
                assertEquals("",
                        installation.kubectl("get", "all,role,rolebinding,serviceaccount", "-n", Installation.NAMESPACE,
                                "-l",
                                "app.kubernetes.io/instance=" + Installation.RELEASE, "-o", "name"));
            } finally {
                installation.install();
            }
            clusters.awaitSettled("kept", READY);
            assertEquals(servers, clusters.servers("kept").stream().map(pod -> pod.getMetadata().getUid()).toList());
        }
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
                    "-o",
                    "jsonpath={.spec.maxUnavailable} {.spec.unhealthyPodEvictionPolicy}");
            assertEquals("1 AlwaysAllow", budget);
        }
    }

    @Test
    void aSpecThatCannotWorkIsRefusedWithAMessageThatNamesTheField(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            Exception refused = assertThrows(Exception.class,
                    () -> clusters.applyCluster("wrong",
                            "  autoscaling: {minReplicas: 5, maxReplicas: 3, targetConnections: 10}\n"));
            assertTrue(String.valueOf(refused.getMessage()).contains("autoscaling.minReplicas"), refused.getMessage());
            clusters.applyCluster("waits", "  redis: {external: {urlSecret: {name: missing}}}\n");
            Await.until("a condition that names the Secret", READY,
                    () -> clusters.condition("waits", "Ready").map(
                            c -> String.valueOf(c.get("message")).contains("missing")).orElse(false),
                    () -> String.valueOf(clusters.condition("waits", "Ready")));
            assertFalse(clusters.condition("waits", "Ready").map(c -> "True".equals(c.get("status"))).orElse(true));
        }
    }

    private static Map<String, String> versions(Installation installation, ReverbClusters clusters) {
        String output = installation.kubectl("get", KINDS, "-n", clusters.namespace(), "-l", "reverb.dev/cluster=still",
                "-o",
                "jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion}{\"\\n\"}{end}");
        return Arrays.stream(output.split("\n", -1)).filter(line -> line.contains("=")).collect(Collectors.toMap(
                line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1),
                (_, last) -> last, TreeMap::new));
    }

    private static List<String> owned(Installation installation, ReverbClusters clusters) {
        return Arrays.stream(installation.kubectl("get", KINDS, "-n", clusters.namespace(), "-l",
                "reverb.dev/cluster=gone", "-o", "name").split("\n", -1)).filter(line -> !line.isBlank()).toList();
    }
}
