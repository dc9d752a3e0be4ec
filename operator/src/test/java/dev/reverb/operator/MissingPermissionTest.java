package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.operator.rbac.Permission;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A watched namespace without a RoleBinding costs only itself, and is named. */
@Tag("slow") // the caches of a namespace that cannot be listed are waited for
class MissingPermissionTest {
    private Harness harness;
    private KubernetesClient limited;
    private String role;
    private String account;
    private String bare;

    @BeforeEach
    void start() {
        harness = new Harness();
        bare = ApiServer.namespace();
        role = harness.namespace + "-all";
        account = "system:serviceaccount:" + harness.namespace + ":operator";
        // what belongs to no namespace stands in the same role: a RoleBinding grants nothing of it
        harness.client.rbac()
                .clusterRoles()
                .resource(new ClusterRoleBuilder().withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .withRules(Permission.ALL.stream()
                                .map(p -> new PolicyRuleBuilder().withApiGroups(p.group())
                                        .withResources(p.resources())
                                        .withVerbs(p.verbs())
                                        .build())
                                .toList())
                        .build())
                .create();
        bind(harness.namespace);
        limited = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(harness.client.getConfiguration()).withImpersonateUsername(account)
                        .withImpersonateGroups("system:authenticated")
                        .build())
                .build();
        harness.restart(Map.of("REVERB_OPERATOR_NAMESPACES", harness.namespace + "," + bare), limited);
    }

    @AfterEach
    void stop() {
        harness.close();
        limited.close();
    }

    private void bind(String namespace) {
        harness.client.rbac()
                .roleBindings()
                .resource(new RoleBindingBuilder().withNewMetadata()
                        .withName(role)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject("rbac.authorization.k8s.io", "User", account, null)
                        .build())
                .create();
    }

    private HttpResponse<String> get(String path) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest
                    .newBuilder(
                            URI.create("http://127.0.0.1:" + harness.operator().managementAddress().getPort() + path))
                    .build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theOthersAreServedReadinessNamesItAndItsReturnIsSeen() {
        assertEquals(200, get("/livez").statusCode());
        HttpResponse<String> ready = get("/readyz");
        assertEquals(200, ready.statusCode());
        assertTrue(ready.body().contains("namespace " + bare + ": ") && ready.body().contains("RoleBinding"),
                ready.body());
        assertFalse(ready.body().contains(harness.namespace + ":"), ready.body());
        assertTrue(get("/metrics").body().contains("reverb_operator_namespace_synced{namespace=\"" + bare + "\"} 0"));
        harness.apply("chat", "{replicas: 2}");
        assertEquals(2, new Kubelet(harness.namespace, "chat").servers().getSpec().getReplicas());
        bind(bare);
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbCluster
            metadata: {name: other, namespace: %s}
            spec: {replicas: 3}
            """.formatted(bare));
        assertEquals(3, new Kubelet(bare, "other").servers().getSpec().getReplicas());
        ApiServer.await("it is named no more", () -> !get("/readyz").body().contains("namespace " + bare));
    }
}
