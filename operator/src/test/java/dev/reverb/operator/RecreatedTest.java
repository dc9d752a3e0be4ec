package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A resource that is deleted and made again under its name while the operator is still busy with the first, as
 * {@code kubectl replace --force} does it: the second is served as any other.
 */
class RecreatedTest {
    private Harness harness;
    private Kubelet kubelet;
    private String team;
    private KubernetesClient identity;
    private final Hold hold = new Hold();

    /** Holds one request of the operator, and with it the reconcile that makes it. */
    private static final class Hold implements Interceptor {
        private volatile String method = "";
        private volatile String path = "";
        private volatile CountDownLatch held = new CountDownLatch(1);
        private volatile CountDownLatch released = new CountDownLatch(1);

        void next(String ofMethod, String ofPath) {
            held = new CountDownLatch(1);
            released = new CountDownLatch(1);
            path = ofPath;
            method = ofMethod;
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (!request.method().equals(method) || !request.uri().getPath().contains(path)) {
                return;
            }
            method = "";
            held.countDown();
            try {
                assertTrue(released.await(5, TimeUnit.MINUTES), "somebody lets it go");
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        void await() throws InterruptedException {
            assertTrue(held.await(2, TimeUnit.MINUTES), "the request comes");
        }

        void release() {
            released.countDown();
        }
    }

    @BeforeEach
    void start() {
        harness = new Harness();
        team = ApiServer.namespace();
        identity = new KubernetesClientBuilder().withConfig(harness.client.getConfiguration())
                .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("hold", hold))
                .build();
        harness.restart(Map.of("REVERB_OPERATOR_NAMESPACES", harness.namespace + "," + team), identity);
        kubelet = new Kubelet(harness.namespace, "chat").run();
        harness.apply("chat", "{replicas: 1, appNamespaces: ['*']}");
    }

    @AfterEach
    void stop() {
        hold.release();
        kubelet.close();
        harness.close();
        identity.close();
    }

    private void app(String name) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: %s, namespace: %s}
            spec: {clusterRef: {name: chat, namespace: %s}}
            """.formatted(name, team, harness.namespace));
    }

    @Test
    void anAppIsServedAgain() throws Exception {
        app("shop");
        ReverbApp first = harness.awaitApp(team, "shop", "Attached");
        hold.next("PATCH", "/namespaces/" + team + "/events/");
        harness.client.resource(first).delete();
        hold.await(); // the Event of its end, after the finalizer is gone
        ApiServer.await("shop is gone",
                () -> harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").get() == null);
        app("shop");
        // seen after the second one by the same watch
        app("after");
        harness.awaitApp(team, "after", "Attached");
        hold.release();
        ReverbApp second = harness.awaitApp(team, "shop", "Attached");
        assertNotEquals(first.getMetadata().getUid(), second.getMetadata().getUid());
        ApiServer.await("the meters have each resource once",
                () -> meters().contains("reverb_operator_resources{kind=\"ReverbApp\",ready=\"true\"} 2\n"));
    }

    @Test
    void aClusterIsMadeAgain() throws Exception {
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        ReverbCluster first = harness.cluster("chat");
        hold.next("PATCH", "/statefulsets/chat");
        harness.apply("chat", "{replicas: 2, appNamespaces: ['*']}");
        hold.await();
        harness.client.resource(first).delete();
        harness.apply("chat", "{replicas: 2, appNamespaces: ['*']}");
        assertNotEquals(first.getMetadata().getUid(), harness.cluster("chat").getMetadata().getUid());
        // seen after the second one by the same watch
        harness.apply("after", "{}");
        ApiServer.await("the other is acted on",
                () -> harness.client.secrets().inNamespace(harness.namespace).withName("after-app").get() != null);
        hold.release();
        ApiServer.await("the second one is acted on", () -> {
            collect(first.getMetadata().getUid());
            Secret config = harness.client.secrets().inNamespace(harness.namespace).withName("chat-config").get();
            return config != null && owners(config).contains(harness.cluster("chat").getMetadata().getUid());
        });
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
    }

    /** What the garbage collector does: no controller runs here. */
    private void collect(String owner) {
        Owned.all(harness.client, harness.namespace)
                .stream()
                .filter(object -> owners(object).contains(owner))
                .forEach(object -> {
                    harness.client.resource(object).withGracePeriod(0).delete();
                    if (object.getKind().equals("StatefulSet")) {
                        kubelet.pods().forEach(kubelet::delete);
                    }
                });
    }

    private static List<String> owners(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream().map(reference -> reference.getUid()).toList();
    }

    private String meters() {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(java.net.http.HttpRequest
                    .newBuilder(URI.create(
                            "http://127.0.0.1:" + harness.operator().managementAddress().getPort() + "/metrics"))
                    .build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, answer.statusCode());
            return answer.body();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
