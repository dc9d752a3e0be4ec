package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Changes of a spec that cut clients off: they wait for somebody to allow it, and hold nothing else up. */
@Tag("slow")
class OutageGuardTest {
    private static final String REST = "rollout: {settleTimeout: 0s}";
    private Harness harness;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        harness = new Harness();
        kubelet = new Kubelet(harness.namespace, "chat");
        kubelet.played.connections = 30;
        give("outside", "redis://127.0.0.1:6379/1");
        give("cert", "x");
    }

    @AfterEach
    void stop() {
        kubelet.close();
        harness.close();
    }

    private void give(String name, String url) {
        harness.client.resource(new SecretBuilder().withNewMetadata()
                .withName(name)
                .withNamespace(harness.namespace)
                .endMetadata()
                .addToData("url", Credentials.encode(url))
                .build()).fieldManager("user").forceConflicts().serverSideApply();
    }

    private void running(String spec) {
        harness.apply("chat", spec);
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
    }

    private String value(String secret, String key) {
        Secret found = harness.client.secrets().inNamespace(harness.namespace).withName(secret).get();
        return found == null ? "" : Credentials.value(found.getData(), key).orElse("");
    }

    private String ingress() {
        return String.valueOf(harness.client.network()
                .v1()
                .ingresses()
                .inNamespace(harness.namespace)
                .withName("chat")
                .require()
                .getMetadata()
                .getAnnotations());
    }

    private String template() {
        return kubelet.servers().getSpec().getTemplate().toString();
    }

    private Condition awaitHeld(String says) {
        Condition ready = harness.awaitCondition("chat", "Ready", "False", "OutageNotAllowed");
        assertTrue(ready.getMessage().contains(says) && ready.getMessage().contains("reverb.dev/allow-outage"),
                ready.getMessage());
        harness.awaitCondition("chat", "Stalled", "True", "OutageNotAllowed");
        return ready;
    }

    @Test
    void tlsIsSwitchedOnWhenSomebodyAllowsItAndTheRestOfTheSpecIsInForceMeanwhile() {
        String ingress = "ingress: {host: a.b, profile: ingress-nginx}";
        running("{replicas: 2, " + REST + ", " + ingress + "}");
        String before = template();
        String after = "{replicas: 3, " + REST + ", " + ingress + ", tls: {secretName: cert}}";
        harness.apply("chat", after);
        awaitHeld("spec.tls: with TLS switched on");
        ApiServer.await("a third server", () -> kubelet.pods().stream().filter(Kubelet::ready).count() == 3);
        assertEquals(before, template());
        assertFalse(ingress().contains("HTTPS"), ingress());
        // the clients' leaving does not begin it
        kubelet.played.connections = 0;
        harness.apply("chat", after.replace("replicas: 3", "replicas: 2"));
        ApiServer.await("two servers", () -> kubelet.pods().size() == 2);
        assertEquals(before, template());
        assertTrue(harness.events("OutageBegins").isEmpty());

        kubelet.played.connections = 30;
        harness.apply("chat", after, "reverb.dev/allow-outage: tls");
        assertTrue(harness.awaitEvent("OutageBegins").getMessage().startsWith("spec.tls: with TLS switched on"));
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        assertTrue(ingress().contains("HTTPS"), ingress());
        assertTrue(template().contains("cert"), template());
    }

    @Test
    void aMoveOfRedisIsHeldAndCanBeTakenBack() {
        running("{replicas: 2, " + REST + "}");
        String before = template();
        harness.apply("chat", "{replicas: 2, " + REST + ", redis: {external: {urlSecret: {name: outside}}}}");
        awaitHeld("spec.redis changes to an external Redis");
        assertEquals(before, template());
        assertTrue(value("chat-config", "reverb.yaml").contains("chat-redis"));
        harness.apply("chat", "{replicas: 2, " + REST + "}");
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        assertEquals(before, template());
        assertTrue(harness.events("RollStarted").isEmpty() && harness.events("Removed").isEmpty());
    }

    @Test
    void withoutClientsNobodyHasToAllowIt() {
        kubelet.played.connections = 0;
        running("{replicas: 2, " + REST + "}");
        harness.apply("chat", "{replicas: 2, " + REST + ", redis: {external: {urlSecret: {name: outside}}}}");
        harness.awaitEvent("OutageBegins");
        ApiServer.await("the servers have the other Redis",
                () -> value("chat-config", "reverb.yaml").contains("127.0.0.1:6379/1"));
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
    }

    @Test
    void anotherDatabaseInTheSecretIsHeldToo() {
        String spec = "{replicas: 2, " + REST + ", redis: {external: {urlSecret: {name: outside}}}}";
        running(spec);
        String before = template();
        give("outside", "redis://127.0.0.1:6379/2");
        awaitHeld("spec.redis.external.urlSecret names another database");
        assertTrue(value("chat-config", "reverb.yaml").contains("127.0.0.1:6379/1"));
        assertEquals(before, template());
        harness.apply("chat", spec, "reverb.dev/allow-outage: redis");
        ApiServer.await("the servers have the other database",
                () -> value("chat-config", "reverb.yaml").contains("127.0.0.1:6379/2"));
        ApiServer.await("the roll is over", () -> !template().equals(before)
                && harness.condition("chat", "Ready").filter(c -> c.getStatus().equals("True")).isPresent());
        assertEquals(List.of(), harness.events("Failed"));
    }

    @Test
    void anAttachedAppIsGivenTheAddressThatIsInForce() {
        running("{replicas: 2, " + REST + "}");
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s}
            spec: {clusterRef: {name: chat}}
            """.formatted(harness.namespace));
        harness.awaitApp(harness.namespace, "shop", "Attached");
        harness.apply("chat", "{replicas: 2, " + REST + ", tls: {secretName: cert}}");
        awaitHeld("spec.tls");
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s}
            spec: {clusterRef: {name: chat}, maxConnections: 7}
            """.formatted(harness.namespace));
        ApiServer.await("the change is served", () -> value("chat-config", "reverb.yaml").contains("max_connections"));
        assertEquals("http", value("shop-reverb", "REVERB_SCHEME"));
        harness.apply("chat", "{replicas: 2, " + REST + ", tls: {secretName: cert}}", "reverb.dev/allow-outage: tls");
        ApiServer.await("the address is another one", () -> value("shop-reverb", "REVERB_SCHEME").equals("https"));
        ApiServer.await("the status says so", () -> {
            var status = harness.client.resources(ReverbApp.class)
                    .inNamespace(harness.namespace)
                    .withName("shop")
                    .require()
                    .getStatus();
            return status != null && String.valueOf(status.url()).startsWith("wss://");
        });
    }
}
