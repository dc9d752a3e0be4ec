package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Await;
import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.cluster.Shell;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(InstalledOperator.class)
class ChartTest {

    @ParameterizedTest
    @ValueSource(strings = {"reverb-operator", "reverb"})
    void theChartIsSound(String chart) {
        helm("lint", "--strict", "charts/" + chart);
    }

    /** The chart carries copies, because a chart cannot reach outside its folder. */
    @ParameterizedTest
    @ValueSource(strings = {"crds/manifests>manifests", "operator/src/main/rbac>rules"})
    void whatTheChartCarriesIsWhatTheBuildGenerates(String folders) throws IOException {
        Path generated = Shell.repository().resolve(folders.substring(0, folders.indexOf('>')));
        Path carried = Shell.repository().resolve("charts/reverb-operator").resolve(
                folders.substring(folders.indexOf('>') + 1));
        try (Stream<Path> files = Files.list(generated)) {
            for (Path file : files.toList()) {
                assertEquals(Files.readString(file), Files.readString(carried.resolve(file.getFileName())),
                        "copy " + generated + " to " + carried);
            }
        }
    }

    @Test
    void theDefinitionsAreKeptWhenTheChartIsUninstalled() {
        String rendered = helm("template", "x", "charts/reverb-operator", "--show-only", "templates/crds.yaml");
        assertEquals(2, rendered.split("\n    helm.sh/resource-policy: keep\n", -1).length - 1, rendered);
    }

    @Test
    void watchingSomeNamespacesNeedsRightsOnlyThere() {
        String all = helm("template", "x", "charts/reverb-operator", "--show-only", "templates/rbac.yaml");
        assertTrue(all.contains("resources: [statefulsets]"), all);
        String some = helm("template", "x", "charts/reverb-operator", "--show-only", "templates/rbac.yaml", "--set",
                "watchNamespaces={one,two}");
        String clusterWide = some.substring(0, some.indexOf("\nkind: ClusterRoleBinding"));
        assertFalse(clusterWide.contains("statefulsets") || clusterWide.contains("secrets"), clusterWide);
        assertTrue(some.contains("namespace: one") && some.contains("namespace: two"), some);
    }

    @Test
    void aMirrorRegistryIsOneSetting() {
        String rendered = helm("template", "x", "charts/reverb-operator", "--set", "image.registry=mirror.example.com");
        assertTrue(rendered.contains("image: \"mirror.example.com/reverb/operator:0.1.0\""), rendered);
        assertTrue(rendered.contains("value: \"mirror.example.com/reverb/server:0.1.0\""), rendered);
        assertTrue(rendered.contains("value: \"mirror.example.com/library/redis:8.2\""), rendered);
    }

    @ParameterizedTest
    @ValueSource(strings = {"poll=5", "watchNamespaces={Not_A_Name}", "image.pullPolicy=Sometimes", "unknown=1",
            "replicas=9"})
    void aWrongValueOfTheOperatorIsRefused(String value) {
        AssertionError refused = assertThrows(AssertionError.class,
                () -> helm("template", "x", "charts/reverb-operator", "--set", value));
        assertTrue(
                String.valueOf(refused.getMessage()).contains(
                        value.substring(0, value.indexOf('=')).split("\\.", -1)[0]),
                refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingress.enabled=true", "redis.managed=false", "drain.durationSeconds=-1",
            "autoscaling.enabled=true,autoscaling.minReplicas=20",
            "autoscaling.enabled=true,autoscaling.targetConnections=0"})
    void aWrongValueOfTheServersIsRefused(String values) {
        assertThrows(AssertionError.class, () -> helm("template", "x", "charts/reverb", "--set", values));
    }

    @Test
    void theChartWithoutTheOperatorServesAndUpgradesUnderLoad(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            upgrade(installation, clusters, "first");
            try (Load load = Load.start(clusters.application("plain-reverb", "plain-reverb-app"), 100, 4, 20)) {
                upgrade(installation, clusters, "second");
                Await.until("the roll to end", Duration.ofMinutes(3),
                        () -> installation.kubectl("rollout", "status", "statefulset/plain-reverb", "-n",
                                clusters.namespace(),
                                "--timeout=170s").contains("complete"),
                        () -> "not rolled");
                Verdict verdict = load.finish();
                System.out.println("chart reverb: " + verdict.summary());
                assertEquals(List.of(), verdict.objections(), verdict.summary());
                assertTrue(verdict.closes() >= 100, verdict.summary());
            }
        }
    }

    private static void upgrade(Installation installation, ReverbClusters clusters, String revision) {
        List<String> command = new ArrayList<>(List.of("upgrade", "--install", "plain", "charts/reverb", "--namespace",
                clusters.namespace(), "--wait", "--timeout", "3m", "--set", "image.registry=" + installation.registry(),
                "--set",
                "redis.image=" + installation.redisImage(), "--set", "podAnnotations.revision=" + revision, "--set",
                "drain.durationSeconds=10", "--set", "rollout.minReadySeconds=5"));
        installation.helm(command);
    }

    private static String helm(String... arguments) {
        List<String> command = new ArrayList<>(List.of("dev/kube/helm"));
        command.addAll(List.of(arguments));
        return Shell.run(Map.of(), command);
    }
}
