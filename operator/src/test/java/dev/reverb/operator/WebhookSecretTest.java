package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Headers of webhooks that come from Secrets: followed, and without their Secret what was in force stays. */
class WebhookSecretTest extends TwoNamespaces {
    private void give(String namespace, String name, String key, String value) {
        harness.client.resource(new SecretBuilder().withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .addToData(key, Credentials.encode(value))
                .build()).fieldManager("user").forceConflicts().serverSideApply();
    }

    private void take(String namespace, String name) {
        harness.client.secrets().inNamespace(namespace).withName(name).delete();
    }

    private String file() {
        Secret config = harness.client.secrets().inNamespace(harness.namespace).withName("chat-config").get();
        return config == null ? "" : Credentials.value(config.getData(), "reverb.yaml").orElse("");
    }

    private String message(ReverbApp app) {
        return Objects.requireNonNull(app.getStatus().conditions()).getFirst().getMessage();
    }

    @Test
    void anAppOfTheClusterTakesAHeaderFromASecretAndFollowsIt() {
        harness.apply("chat", "{replicas: 2, apps: [{id: a}, {id: b, webhooks: [{url: 'https://h/x'}, {url:"
                + " 'https://h/y', headers: {X-A: plain}, headersFrom: {Authorization: {name: hook, key: token}}}]}]}");
        String missing = harness.awaitCondition("chat", "Degraded", "True", "WebhookSecretMissing").getMessage();
        assertTrue(missing.startsWith(
                "spec.apps[1].webhooks[1].headersFrom.Authorization: there is no Secret hook in " + harness.namespace),
                missing);
        ApiServer.await("the other app is served", () -> file().contains("app_id: \"a\""));
        assertFalse(file().contains("app_id: \"b\""), file());

        give(harness.namespace, "hook", "token", "Bearer one\n");
        ApiServer.await("it is served with the header", () -> file().contains("Authorization: \"Bearer one\""));
        assertTrue(file().contains("X-A: \"plain\""), file());
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        give(harness.namespace, "hook", "token", "Bearer two");
        ApiServer.await("a new value is live", () -> file().contains("Authorization: \"Bearer two\""));
        assertTrue(harness.events("RollStarted").isEmpty());

        take(harness.namespace, "hook");
        String gone = harness.awaitCondition("chat", "Degraded", "True", "WebhookSecretMissing").getMessage();
        assertTrue(gone.contains("the app is served as it was"), gone);
        assertTrue(file().contains("Authorization: \"Bearer two\""), file());
    }

    @Test
    void aReverbAppTakesAHeaderFromASecretOfItsOwnNamespace() {
        harness.apply("chat", "{replicas: 2, appNamespaces: [" + team + "]}");
        give(harness.namespace, "hook", "X-Token", "of the cluster");
        app("{name: hook}");
        String missing = message(harness.awaitApp(team, "shop", "WebhookSecretMissing"));
        assertTrue(missing.startsWith("spec.webhooks[0].headersFrom.X-Token: there is no Secret hook in " + team),
                missing);
        assertTrue(missing.endsWith("the app is not served"), missing);

        give(team, "hook", "token", "one");
        ApiServer.await("the key is missing", () -> message(harness.awaitApp(team, "shop", "WebhookSecretMissing"))
                .contains("the Secret hook lacks the key X-Token"));
        app("{name: hook, key: token}");
        harness.awaitApp(team, "shop", "Attached");
        assertTrue(file().contains("X-Token: \"one\""), file());
        give(team, "hook", "token", "two");
        ApiServer.await("a new value is live", () -> file().contains("X-Token: \"two\""));
        harness.awaitApp(team, "shop", "Attached");

        take(team, "hook");
        String gone = message(harness.awaitApp(team, "shop", "WebhookSecretMissing"));
        assertTrue(gone.endsWith("the app is served as it was"), gone);
        assertTrue(file().contains("X-Token: \"two\""), file());
        assertFalse(file().contains("of the cluster"), file());
    }

    private void app(String reference) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s}
            spec:
              clusterRef: {name: chat, namespace: %s}
              webhooks: [{url: 'https://h/x', headersFrom: {X-Token: %s}}]
            """.formatted(team, harness.namespace, reference));
    }
}
