package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Digest;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What servers reach Redis with changes without a restart of anything. */
class RedisCredentialsTest {
    private Harness harness;

    @BeforeEach
    void start() {
        harness = new Harness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    private String value(String secret, String key) {
        Secret found = harness.client.secrets().inNamespace(harness.namespace).withName(secret).get();
        return found == null ? "" : Credentials.value(found.getData(), key).orElse("");
    }

    private String file() {
        return value("chat-config", "reverb.yaml");
    }

    private void give(String name, String key, String value) {
        harness.client.resource(new SecretBuilder().withNewMetadata()
                .withName(name)
                .withNamespace(harness.namespace)
                .endMetadata()
                .addToData(key, Credentials.encode(value))
                .build()).fieldManager("user").forceConflicts().serverSideApply();
    }

    /** What a restart would show in. */
    private Map<String, String> templates() {
        Function<String, String> template = name -> harness.client.apps()
                .statefulSets()
                .inNamespace(harness.namespace)
                .withName(name)
                .require()
                .getSpec()
                .getTemplate()
                .toString();
        return Map.of("chat", template.apply("chat"), "chat-redis", template.apply("chat-redis"));
    }

    private void settle() {
        ApiServer.await("the servers are made",
                () -> harness.client.apps()
                        .statefulSets()
                        .inNamespace(harness.namespace)
                        .withName("chat")
                        .get() != null);
    }

    @Test
    void aChangedPasswordOfTheManagedRedisRestartsNothingAndBothAreAccepted() {
        harness.apply("chat", "{}");
        settle();
        String old = value("chat-redis", "password");
        assertTrue(file().contains("password: \"" + old + "\""), file());
        Map<String, String> before = templates();
        harness.client.secrets()
                .inNamespace(harness.namespace)
                .withName("chat-redis")
                .edit(secret -> new SecretBuilder(secret).addToData("password", Credentials.encode("another")).build());
        ApiServer.await("servers get it", () -> file().contains("password: \"another\""));
        ApiServer.await("both are accepted", () -> value("chat-redis", "rule")
                .equals("resetpass #" + Digest.sha256("another") + " #" + Digest.sha256(old)));
        harness.awaitEvent("RedisPasswordChanged");
        assertEquals(before, templates());
        assertTrue(harness.events("RedisReplaced").isEmpty() && harness.events("RollStarted").isEmpty());
    }

    @Test
    void aGivenPasswordIsTakenOverAndItsLossChangesNothing() {
        give("mine", "password", "first");
        harness.apply("chat", "{redis: {managed: {passwordSecret: {name: mine}}}}");
        settle();
        Map<String, String> before = templates();
        give("mine", "password", "second");
        ApiServer.await("both are accepted", () -> file().contains("password: \"second\"")
                && value("chat-redis", "rule").endsWith(" #" + Digest.sha256("first")));
        harness.client.secrets().inNamespace(harness.namespace).withName("mine").delete();
        harness.awaitCondition("chat", "Degraded", "True", "RedisSecretMissing");
        assertTrue(file().contains("password: \"second\""), file());
        assertEquals(before, templates());
    }

    @Test
    void theUrlAndTheCertificatesOfAnExternalRedisAreTakenOver() {
        give("outside", "url", "rediss://one.example.com:6380");
        harness.apply("chat", "{redis: {external: {urlSecret: {name: outside}}}}");
        settle();
        String before = template();
        give("outside", "url", "rediss://u:p@two.example.com:6380");
        ApiServer.await("servers get it", () -> file().contains("url: \"rediss://u:p@two.example.com:6380\""));
        assertEquals(before, template());

        give("outside", "url", "redis:/wrong");
        harness.awaitCondition("chat", "Degraded", "True", "RedisSecretInvalid");
        assertTrue(file().contains("two.example.com"), file());
        harness.client.secrets().inNamespace(harness.namespace).withName("outside").delete();
        harness.awaitCondition("chat", "Degraded", "True", "RedisSecretMissing");
        assertTrue(file().contains("two.example.com"), file());
        assertEquals(before, template());
    }

    private String template() {
        return harness.client.apps()
                .statefulSets()
                .inNamespace(harness.namespace)
                .withName("chat")
                .require()
                .getSpec()
                .getTemplate()
                .toString();
    }
}
