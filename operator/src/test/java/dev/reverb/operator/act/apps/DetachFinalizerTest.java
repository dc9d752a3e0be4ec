package dev.reverb.operator.act.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.reverb.crd.ReverbApp;
import dev.reverb.operator.ApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is known of the application is older than what the API server has: a cache is always late. */
class DetachFinalizerTest {
    private static final String OTHER = "example.com/other";

    private final KubernetesClient client = ApiServer.client();
    private final DetachFinalizer finalizer = new DetachFinalizer(client);
    private final String namespace = ApiServer.namespace();

    private Resource<ReverbApp> resource() {
        return client.resources(ReverbApp.class).inNamespace(namespace).withName("shop");
    }

    private ReverbApp created(String... finalizers) {
        client.load(new ByteArrayInputStream("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s, finalizers: [%s]}
            spec: {clusterRef: {name: chat}}
            """.formatted(namespace, String.join(", ", finalizers)).getBytes(StandardCharsets.UTF_8))).create();
        return resource().require();
    }

    private void writeStatus() {
        resource().subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"id\":\"1\"}}");
    }

    @Test
    void theDeletionOfAnAppWhoseStatusWasWrittenMeanwhileEnds() {
        created(DetachFinalizer.NAME);
        resource().delete();
        ReverbApp known = resource().require();
        writeStatus();
        finalizer.remove(known);
        assertNull(resource().get());
    }

    @Test
    void theFinalizersOfOthersStay() {
        ReverbApp known = created(OTHER, DetachFinalizer.NAME);
        writeStatus();
        finalizer.remove(known);
        assertEquals(List.of(OTHER), resource().require().getMetadata().getFinalizers());
        finalizer.add(resource().require());
        assertEquals(List.of(OTHER, DetachFinalizer.NAME), resource().require().getMetadata().getFinalizers());
    }

    @Test
    void anAppWhoseStatusWasWrittenMeanwhileGetsTheFinalizer() {
        ReverbApp known = created();
        writeStatus();
        finalizer.add(known);
        assertEquals(List.of(DetachFinalizer.NAME), resource().require().getMetadata().getFinalizers());
    }

    @Test
    void anAppThatIsBeingDeletedMeanwhileDoesNotGetIt() {
        ReverbApp known = created(OTHER);
        resource().delete();
        finalizer.add(known);
        assertEquals(List.of(OTHER), resource().require().getMetadata().getFinalizers());
        resource().patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        assertNull(resource().get());
    }

    @Test
    void anotherAppOfTheSameNameIsLeftAsItIs() {
        ReverbApp known = created(DetachFinalizer.NAME);
        finalizer.remove(known);
        resource().delete();
        created(DetachFinalizer.NAME);
        finalizer.remove(known);
        assertEquals(List.of(DetachFinalizer.NAME), resource().require().getMetadata().getFinalizers());
    }
}
