package dev.reverb.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnreadableTest {
    /** As the informers read, with the client's own mapper. */
    private static final KubernetesSerialization CLIENT = new KubernetesSerialization();

    private static ReverbCluster cluster(String spec) {
        return CLIENT.unmarshal("apiVersion: reverb.dev/v1\nkind: ReverbCluster\nmetadata: {name: chat}\nspec: " + spec,
                ReverbCluster.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{replicas: 3000000000}|spec.replicas",
            "{apps: [{id: a, maxConnections: 3000000000}]}|spec.apps[0].maxConnections",
            "{apps: [{id: a}, {id: b, webhooks: [{url: x, events: [nonsense]}]}]}|spec.apps[1].webhooks[0].events[0]",
            "{redis: {managed: {storage: {size: ''}}}}|spec.redis.managed.storage.size",
            "{redis: {managed: {flavor: memcached}}}|spec.redis.managed.flavor", "{apps: many}|spec.apps", "5|spec",
            "{drain: [1]}|spec.drain", "{tls: {dnsNames: {a: b}}}|spec.tls.dnsNames"})
    void whatCannotBeReadIsNamedAndThrowsNothing(String spec, String field) {
        ReverbCluster cluster = cluster(spec);
        assertNull(cluster.getSpec());
        String said = cluster.unreadable().orElseThrow();
        assertTrue(said.startsWith(field + ": "), said);
        assertEquals("chat", cluster.getMetadata().getName());
    }

    @Test
    void fieldsOfAnotherVersionAreLeftOut() {
        ReverbCluster cluster = cluster("{replicas: 3, future: {a: [1]}, apps: [{id: a, tomorrow: true}]}");
        assertEquals(Optional.empty(), cluster.unreadable());
        assertEquals(3, cluster.getSpec().replicas());
        assertEquals("[a]",
                String.valueOf(Objects.requireNonNull(cluster.getSpec().apps()).stream().map(AppSpec::id).toList()));
    }

    @Test
    void aCopyIsAsUnreadableAsItsOriginal() {
        ReverbCluster cluster = cluster("{replicas: many}");
        assertEquals(cluster.unreadable(), cluster.copy().unreadable());
        assertTrue(cluster.copy().unreadable().isPresent());
    }

    @Test
    void anAppThatCannotBeReadSaysSo() {
        ReverbApp app = CLIENT.unmarshal(
                "apiVersion: reverb.dev/v1\nkind: ReverbApp\nmetadata: {name: shop}\n"
                        + "spec: {clusterRef: {name: chat}, maxConnections: 3000000000}\nstatus: {id: [1]}",
                ReverbApp.class);
        assertTrue(app.unreadable().orElseThrow().startsWith("spec.maxConnections: "));
        assertNull(app.getStatus());
    }

    @Test
    void whatIsDeepInAnAppIsNamedByItsPathInTheResource() {
        ReverbApp app = CLIENT.unmarshal("apiVersion: reverb.dev/v1\nkind: ReverbApp\nmetadata: {name: shop}\n"
                + "spec: {clusterRef: {name: chat}, webhooks: [{url: x, events: [channel_occupied, nonsense]}]}",
                ReverbApp.class);
        String said = app.unreadable().orElseThrow();
        assertTrue(said.startsWith("spec.webhooks[0].events[1]: "), said);
    }

    @Test
    void whatIsRightIsReadWhole() {
        ReverbApp app = CLIENT.unmarshal(
                "apiVersion: reverb.dev/v1\nkind: ReverbApp\nmetadata: {name: shop}\n"
                        + "spec: {clusterRef: {name: chat}, id: '1', maxConnections: 7}\nstatus: {id: '1'}",
                ReverbApp.class);
        assertNotNull(app.getSpec());
        assertEquals("chat", app.getSpec().clusterRef().name());
        assertEquals("1", app.getStatus().id());
        assertEquals(7, app.getSpec().settings().maxConnections());
        assertEquals(app.getSpec(), CLIENT.unmarshal(CLIENT.asJson(app), ReverbApp.class).getSpec());
    }
}
