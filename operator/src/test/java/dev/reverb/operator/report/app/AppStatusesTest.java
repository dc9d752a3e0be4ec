package dev.reverb.operator.report.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbAppStatus;
import dev.reverb.operator.ApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AppStatusesTest {
    private final KubernetesClient client = ApiServer.client();
    private final AppStatuses statuses = new AppStatuses(client);
    private final String namespace = ApiServer.namespace();

    @BeforeEach
    void create() {
        client.load(new ByteArrayInputStream("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s}
            spec: {clusterRef: {name: chat}}
            """.formatted(namespace).getBytes(StandardCharsets.UTF_8))).create();
    }

    private Resource<ReverbApp> resource() {
        return client.resources(ReverbApp.class).inNamespace(namespace).withName("shop");
    }

    private static ReverbAppStatus status(String id) {
        return new ReverbAppStatus(1L, id, null, null, null, null, null, null, List.of());
    }

    @Test
    void whatACacheDoesNotKnowYetIsKnownHere() {
        ReverbApp cached = resource().require();
        assertNull(statuses.last(cached));
        statuses.write(cached, status("1"));
        assertEquals(status("1"), statuses.last(cached));
        assertEquals(status("1"), resource().require().getStatus());
    }

    @Test
    void whatOthersWroteSinceCounts() {
        ReverbApp cached = resource().require();
        statuses.write(cached, status("1"));
        resource().subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"id\":\"2\"}}");
        assertEquals(status("2"), statuses.last(resource().require()));
    }

    @Test
    void whatIsGoneIsLeftAsItIs() {
        ReverbApp cached = resource().require();
        resource().delete();
        statuses.write(cached, status("1"));
        assertNull(resource().get());
        assertNull(statuses.last(cached));
    }

    @Test
    void whatIsForgottenIsReadFromTheCache() {
        ReverbApp cached = resource().require();
        statuses.write(cached, status("1"));
        statuses.forget(cached);
        assertNull(statuses.last(cached));
    }

    @Test
    void whatWasWrittenForOneIsNotThatOfTheNextOfItsName() {
        ReverbApp first = resource().require();
        statuses.write(first, status("1"));
        resource().delete();
        create();
        ReverbApp second = resource().require();
        // an older one, as a cache may have it
        second.getMetadata().setResourceVersion(first.getMetadata().getResourceVersion());
        assertNull(statuses.last(second));
    }
}
