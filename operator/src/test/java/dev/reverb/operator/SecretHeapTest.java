package dev.reverb.operator;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The operator's heap does not grow with Secrets that are none of its business, whatever it watches. */
@Tag("slow") // two hundred megabytes of Secrets
class SecretHeapTest {
    private static final int COUNT = 2_000;
    private static final int BYTES = 100_000;

    @Test
    void foreignSecretsAreNotHeldWhereAllNamespacesAreWatchedOrSeveral() throws Exception {
        ApiServer.endAll();
        String foreign = ApiServer.namespace();
        try (Harness harness = new Harness()) {
            create(foreign);
            long before = used();
            for (String watched : List.of("", harness.namespace + "," + foreign)) {
                harness.restart(Map.of("REVERB_OPERATOR_NAMESPACES", watched));
                harness.apply("chat", "{replicas: 2, apps: [{id: a, credentialsSecret: missing}]}");
                harness.awaitCondition("chat", "Degraded", "True", "AppSecretMissing");
                // what is held stays held; what other threads have only just dropped goes with a later collection
                ApiServer.await("no more than 40 MB of the heap are held while \"" + watched + "\" is watched",
                        () -> used() - before < 40_000_000);
                harness.client.resource(harness.cluster("chat")).delete();
                ApiServer.await("the cluster is gone",
                        () -> harness.client.resources(dev.reverb.crd.ReverbCluster.class)
                                .inNamespace(harness.namespace)
                                .withName("chat")
                                .get() == null);
            }
        } finally {
            ApiServer.client().secrets().inNamespace(foreign).delete();
        }
    }

    private static void create(String namespace) throws Exception {
        byte[] data = new byte[BYTES];
        new Random(1).nextBytes(data);
        String text = Base64.getEncoder().encodeToString(data);
        List<Future<?>> created = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < COUNT; i++) {
                Secret secret = new SecretBuilder().withNewMetadata()
                        .withNamespace(namespace)
                        .withName("foreign-" + i)
                        .endMetadata()
                        .withData(Map.of("data", text))
                        .build();
                created.add(threads.submit(() -> ApiServer.client().resource(secret).create()));
            }
            for (Future<?> one : created) {
                one.get();
            }
        }
    }

    private static long used() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
