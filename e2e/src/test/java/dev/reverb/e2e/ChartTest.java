package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.Kubernetes;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.cluster.Shell;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.client.readiness.Readiness;
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
        Path carried = Shell.repository()
                .resolve("charts/reverb-operator")
                .resolve(folders.substring(folders.indexOf('>') + 1));
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

    /** As OpenShift wants it, which gives each namespace a range of user ids. */
    @Test
    void theUserIdsAreTheInstallersToChoose() {
        String ids = "podSecurityContext.runAsUser=null,podSecurityContext.runAsGroup=null,"
                + "podSecurityContext.fsGroup=null";
        String operator = helm("template", "x", "charts/reverb-operator", "--set", ids);
        assertFalse(operator.contains("runAsUser"), operator);
        String servers = helm("template", "x", "charts/reverb", "--set",
                ids + "," + ids.replace("podSecurityContext", "redis.podSecurityContext"));
        assertFalse(servers.contains("runAsUser") || servers.contains("fsGroup"), servers);
        assertTrue(helm("template", "x", "charts/reverb").contains("runAsUser: 999"));
    }

    @Test
    void anInstallationOfOneNamespaceNeedsNothingOfTheWholeKubernetes() {
        String rendered = helm("template", "x", "charts/reverb-operator", "--set",
                "watchNamespaces={one},rbac.clusterScoped=false,crds.install=false");
        assertFalse(rendered.contains("kind: ClusterRole") || rendered.contains("kind: CustomResourceDefinition"),
                rendered);
        AssertionError refused = assertThrows(AssertionError.class,
                () -> helm("template", "x", "charts/reverb-operator", "--set", "rbac.clusterScoped=false"));
        assertTrue(String.valueOf(refused.getMessage()).contains("watchNamespaces"), refused.getMessage());
    }

    @Test
    void redisBesideTheServersComesFromTheMirrorWithItsSecrets() {
        String redis = helm("template", "x", "charts/reverb", "--show-only", "templates/redis.yaml", "--set",
                "image.registry=mirror.example.com,image.pullSecrets[0].name=login");
        assertTrue(redis.contains("image: \"mirror.example.com/library/redis:8.2\""), redis);
        assertTrue(redis.contains("- name: login"), redis);
    }

    @Test
    void rebalancingIsOffUnlessItIsEnabled() {
        String off = helm("template", "x", "charts/reverb", "--show-only", "templates/statefulset.yaml");
        assertFalse(off.contains("REVERB_REBALANCE"), off);
        String on = helm("template", "x", "charts/reverb", "--show-only", "templates/statefulset.yaml", "--set",
                "rebalance.enabled=true,rebalance.closesPerSecond=7");
        assertTrue(on.contains("{name: REVERB_REBALANCE_ENABLED, value: \"true\"}"), on);
        assertTrue(on.contains("{name: REVERB_REBALANCE_TOLERANCE_PERCENT, value: \"25\"}"), on);
        assertTrue(on.contains("{name: REVERB_REBALANCE_CLOSES_PER_SECOND, value: \"7\"}"), on);
    }

    @Test
    void theApiLeavesTheEdgeWhenItIsApart() {
        String edge = "ingress.enabled=true,ingress.host=a.b,apps[0].app_id=app,";
        String apart = helm("template", "x", "charts/reverb", "--set", edge + "api.enabled=true");
        assertTrue(apart.contains("- path: /app\n") && !apart.contains("- path: /apps"), apart);
        assertTrue(apart.contains("{name: REVERB_API_PORT, value: \"8082\"}"), apart);
        assertTrue(apart.contains("REVERB_HOST: \"x-reverb-api."), apart);
        String published = helm("template", "x", "charts/reverb", "--set", edge + "api.enabled=true,api.publish=true");
        assertTrue(published.contains("- path: /apps\n"), published);
        assertTrue(helm("template", "x", "charts/reverb", "--set", edge).contains("- path: /\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"poll=5", "watchNamespaces={Not_A_Name}", "image.pullPolicy=Sometimes", "unknown=1",
            "replicas=9", "leaderElection=false,replicas=2"})
    void aWrongValueOfTheOperatorIsRefused(String value) {
        AssertionError refused = assertThrows(AssertionError.class,
                () -> helm("template", "x", "charts/reverb-operator", "--set", value));
        assertTrue(String.valueOf(refused.getMessage())
                .contains(value.substring(0, value.indexOf('=')).split("\\.", -1)[0]), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingress.enabled=true", "redis.managed=false", "drain.durationSeconds=-1",
            "rebalance.tolerancePercent=0", "rebalance.enabled=yes",
            "autoscaling.enabled=true,autoscaling.minReplicas=20",
            "autoscaling.enabled=true,autoscaling.targetConnections=0"})
    void aWrongValueOfTheServersIsRefused(String values) {
        assertThrows(AssertionError.class, () -> helm("template", "x", "charts/reverb", "--set", values));
    }

    /** With everything switched on, also what other projects define. */
    @ParameterizedTest
    @ValueSource(strings = {"reverb-operator replicas=2,networkPolicy.enabled=true,metrics.podMonitor.enabled=true",
            "reverb ingress.enabled=true,ingress.host=ws.example.com,ingress.tlsSecret=ws-tls,"
                    + "metrics.podMonitor.enabled=true,autoscaling.enabled=true,autoscaling.targetCPU=70",
            "reverb gateway.enabled=true,gateway.parentRefs[0].name=public,gateway.hostnames[0]=ws.example.com,"
                    + "tls.secretName=own-tls,redis.managed=false,redis.urlSecret.name=redis"})
    void theApiServerTakesEveryObjectOfTheChart(String chartAndValues, Installation installation) throws IOException {
        String[] parts = chartAndValues.split(" ", -1);
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            Path rendered = Files.writeString(Files.createTempFile("chart", ".yaml"),
                    helm("template", "dry", "charts/" + parts[0], "--namespace", clusters.namespace(), "--set",
                            parts[1] + (parts[0].equals("reverb-operator") ? ",crds.install=false" : "")));
            if (Kubernetes.Kind.chosen() == Kubernetes.Kind.GIVEN) {
                System.err.println(
                        "NOT CHECKED on a given Kubernetes, which may lack kinds of other projects: " + parts[0]);
            } else {
                installation.kubectl("apply", "-n", clusters.namespace(), "--dry-run=server", "--validate=strict", "-f",
                        rendered.toString());
            }
        }
    }

    /** As with a release whose definitions differ: the upgrade brings the new ones, and no server notices. */
    @Test
    void upgradingTheOperatorUpgradesTheDefinitionsAndRestartsNoServer(Installation installation) throws IOException {
        Path older = olderChart();
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("kept", "");
            clusters.awaitSettled("kept", Duration.ofMinutes(2));
            List<String> servers = uids(clusters);
            try {
                installation.install(older, "replicas=2");
                assertEquals("Past", column(installation));
                assertEquals(2,
                        installation.client()
                                .pods()
                                .inNamespace(Installation.NAMESPACE)
                                .withLabel("app.kubernetes.io/instance", Installation.RELEASE)
                                .list()
                                .getItems()
                                .stream()
                                .filter(Readiness::isPodReady)
                                .count());
            } finally {
                installation.install();
            }
            assertEquals("Ready", column(installation));
            clusters.applyCluster("kept", "  replicas: 3\n");
            Await.until("the upgraded operator to act", Duration.ofMinutes(2),
                    () -> clusters.servers("kept").size() == 3, () -> uids(clusters).toString());
            clusters.awaitSettled("kept", Duration.ofMinutes(2));
            assertEquals(servers, uids(clusters).subList(0, 2));
        }
    }

    /** A Role in each watched namespace is enough, and nothing outside of them is touched. */
    @Test
    void anOperatorOfTwoNamespacesActsThereAndNowhereElse(Installation installation) {
        try (ReverbClusters one = new ReverbClusters(installation.client());
                ReverbClusters two = new ReverbClusters(installation.client());
                ReverbClusters other = new ReverbClusters(installation.client())) {
            installation.install("watchNamespaces={" + one.namespace() + "," + two.namespace() + "}");
            try {
                other.applyCluster("ignored", "");
                one.applyCluster("seen", "");
                two.applyCluster("seen", "");
                one.awaitReady("seen", Duration.ofMinutes(2));
                two.awaitReady("seen", Duration.ofMinutes(2));
                assertEquals("", installation.kubectl("get", "statefulsets,secrets,events", "-n", other.namespace(),
                        "-o", "name"));
            } finally {
                installation.install();
            }
            other.awaitReady("ignored", Duration.ofMinutes(2));
        }
    }

    /**
     * The chart with another header of the first column that `kubectl get` shows, in the place of an earlier release.
     */
    private static Path olderChart() throws IOException {
        Path older = Files.createTempDirectory("older").resolve("reverb-operator");
        Path chart = Shell.repository().resolve("charts/reverb-operator");
        try (Stream<Path> files = Files.walk(chart)) {
            for (Path file : files.toList()) {
                Files.copy(file, older.resolve(chart.relativize(file).toString()));
            }
        }
        Path definition = older.resolve("manifests/reverbclusters.reverb.dev.yaml");
        String text = Files.readString(definition);
        String changed = text.replaceFirst("name: Ready\n", "name: Past\n");
        assertFalse(changed.equals(text), "there is no column Ready to rename");
        Files.writeString(definition, changed);
        return older;
    }

    private static String column(Installation installation) {
        return installation.client()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("reverbclusters.reverb.dev")
                .get()
                .getSpec()
                .getVersions()
                .getFirst()
                .getAdditionalPrinterColumns()
                .stream()
                .map(column -> column.getName())
                .filter(name -> name.equals("Ready") || name.equals("Past"))
                .findFirst()
                .orElse("none");
    }

    private static List<String> uids(ReverbClusters clusters) {
        return clusters.servers("kept").stream().map(pod -> pod.getMetadata().getUid()).toList();
    }

    @Test
    void theChartWithoutTheOperatorServesAndUpgradesUnderLoad(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            upgrade(installation, clusters, "first");
            try (Load load = Load.start(clusters.application("plain-reverb", "plain-reverb-app"), 100, 4, 20)) {
                upgrade(installation, clusters, "second");
                Await.until("the roll to end", Duration.ofMinutes(3),
                        () -> installation
                                .kubectl("rollout", "status", "statefulset/plain-reverb", "-n", clusters.namespace(),
                                        "--timeout=170s")
                                .contains("complete"),
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
                "--set", "redis.image=" + installation.redisImage(), "--set", "podAnnotations.revision=" + revision,
                "--set", "drain.durationSeconds=10", "--set", "rollout.minReadySeconds=5"));
        installation.helm(command);
    }

    private static String helm(String... arguments) {
        List<String> command = new ArrayList<>(List.of("dev/kube/helm"));
        command.addAll(List.of(arguments));
        return Shell.run(Map.of(), command);
    }
}
