package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Of two operators whose namespaces overlap one acts; the other says who does, and takes over when it is gone. */
class TwoOperatorsTest {
    private static HttpResponse<String> get(ReverbOperator operator, String path) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + operator.managementAddress().getPort() + path))
                    .build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> images(Kubelet kubelet) {
        return kubelet.pods().stream().map(pod -> pod.getSpec().getContainers().getFirst().getImage()).toList();
    }

    @Test
    void theSecondOneLeavesTheFirstOnesClustersAloneSaysSoAndTakesOverWhenItIsGone() throws IOException {
        Harness first = new Harness();
        boolean closed = false;
        String more = ApiServer.namespace();
        try (Kubelet kubelet = new Kubelet(first.namespace, "chat")) {
            first.apply("chat", "{replicas: 2, rollout: {settleTimeout: 0s}}");
            kubelet.run();
            first.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
            List<String> images = images(kubelet);
            try (ReverbOperator second = ReverbOperator.start(first.client,
                    OperatorSettings.load(Map.of("REVERB_OPERATOR_LEADER_ELECTION", "false",
                            "REVERB_OPERATOR_MANAGEMENT_PORT", "0", "REVERB_OPERATOR_POLL", "500ms",
                            "REVERB_OPERATOR_ROLL_WATCH", "1ms", "REVERB_OPERATOR_NAMESPACES",
                            first.namespace + "," + more, "REVERB_OPERATOR_NAMESPACE", "elsewhere",
                            "REVERB_OPERATOR_SERVER_IMAGE", "r:other")))) {
                ApiServer.await("the second is not ready and says why",
                        () -> get(second, "/readyz").statusCode() == 503 && get(second, "/readyz").body()
                                .contains("the operator in reverb-system acts on " + first.namespace + "/chat"));
                assertTrue(get(second, "/metrics").body().contains("reverb_operator_foreign_clusters 1"));
                assertEquals(200, get(second, "/livez").statusCode());
                first.apply("chat", "{replicas: 3, rollout: {settleTimeout: 0s}}");
                ApiServer.await("the first acts", () -> kubelet.pods().size() == 3);
                assertEquals(images.getFirst(), images(kubelet).get(2));
                assertEquals(List.of(), first.events("RollStarted"));

                first.close();
                closed = true;
                client(first).patch(PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"operator\":{\"renewedAt\":\"2026-01-01T00:00:00Z\"}}}");
                ApiServer.edit(
                        first.client.resources(ReverbCluster.class).inNamespace(first.namespace).withName("chat"),
                        it -> {
                            it.getMetadata().setAnnotations(Map.of("a", "b"));
                            return it;
                        });
                ApiServer.await("the second has taken over",
                        () -> "elsewhere".equals(Objects
                                .requireNonNull(Objects.requireNonNull(first.cluster("chat").getStatus()).operator())
                                .namespace()));
                ApiServer.await("its image is out",
                        () -> images(kubelet).equals(List.of("r:other", "r:other", "r:other")));
                ApiServer.await("it is ready", () -> get(second, "/readyz").statusCode() == 200);
            }
        } finally {
            if (!closed) {
                first.close();
            }
        }
    }

    /** An app whose cluster only one of two operators watches: the other one leaves it alone, its finalizer too. */
    @Test
    void anAppBelongsToTheOperatorThatSeesItsClusterAndToTheOtherOnlyOnceThatIsGone() throws IOException {
        String team = ApiServer.namespace();
        Harness first = new Harness();
        Map<String, String> both = Map.of("REVERB_OPERATOR_NAMESPACES", first.namespace + "," + team);
        first.restart(both);
        try (Kubelet _ = new Kubelet(first.namespace, "chat").run()) {
            first.apply("chat", "{appNamespaces: [" + team + "]}");
            first.applyYaml("""
                apiVersion: reverb.dev/v1
                kind: ReverbApp
                metadata: {name: shop, namespace: %s}
                spec: {clusterRef: {name: chat, namespace: %s}}
                """.formatted(team, first.namespace));
            first.awaitApp(team, "shop", "Attached");
            ApiServer.await("it is claimed and held", () -> belongs(first, team, "reverb-system", true));
            try (ReverbOperator second = ReverbOperator.start(first.client,
                    OperatorSettings.load(
                            Map.of("REVERB_OPERATOR_LEADER_ELECTION", "false", "REVERB_OPERATOR_MANAGEMENT_PORT", "0",
                                    "REVERB_OPERATOR_NAMESPACES", team, "REVERB_OPERATOR_NAMESPACE", "elsewhere")))) {
                long seen = reconciles(second);
                ApiServer.edit(app(first, team), it -> {
                    it.getMetadata().setAnnotations(Map.of("a", "b"));
                    return it;
                });
                ApiServer.await("the second has looked", () -> reconciles(second) > seen);
                assertTrue(belongs(first, team, "reverb-system", true));
                assertEquals("Attached",
                        Objects.requireNonNull(app(first, team).require().getStatus().conditions())
                                .getFirst()
                                .getReason());

                first.restart(Map.of("REVERB_OPERATOR_NAMESPACES", first.namespace));
                app(first, team).subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE),
                                "{\"status\":{\"operator\":{\"renewedAt\":\"2026-01-01T00:00:00Z\"}}}");
                ApiServer.edit(app(first, team), it -> {
                    it.getMetadata().setAnnotations(Map.of("a", "c"));
                    return it;
                });
                first.awaitApp(team, "shop", "ClusterMissing");
                ApiServer.await("it is free", () -> belongs(first, team, "elsewhere", false));
                first.restart(both);
                first.awaitApp(team, "shop", "Attached");
                ApiServer.await("it is the first one's again", () -> belongs(first, team, "reverb-system", true));
            }
        } finally {
            first.close();
        }
    }

    private static io.fabric8.kubernetes.client.dsl.Resource<ReverbApp> app(Harness harness, String namespace) {
        return harness.client.resources(ReverbApp.class).inNamespace(namespace).withName("shop");
    }

    private static boolean belongs(Harness harness, String namespace, String operator, boolean held) {
        ReverbApp app = app(harness, namespace).require();
        return app.getStatus() != null && app.getStatus().operator() != null
                && operator.equals(app.getStatus().operator().namespace())
                && app.getMetadata().getFinalizers().isEmpty() != held;
    }

    private static long reconciles(ReverbOperator operator) {
        return get(operator, "/metrics").body()
                .lines()
                .filter(line -> line.startsWith("reverb_operator_reconciles_total") && line.contains("reverbapp"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static io.fabric8.kubernetes.client.dsl.EditReplacePatchable<ReverbCluster> client(Harness harness) {
        return harness.client.resources(ReverbCluster.class)
                .inNamespace(harness.namespace)
                .withName("chat")
                .subresource("status");
    }
}
