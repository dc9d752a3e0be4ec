package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverb.crd.ReverbApp;
import dev.reverb.operator.rbac.Permission;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeastPrivilegeTest {
    private Harness harness;
    private KubernetesClient limited;

    @BeforeEach
    void start() {
        harness = new Harness();
        String account = "system:serviceaccount:" + harness.namespace + ":operator";
        for (Permission.Scope scope : Permission.Scope.values()) {
            String role = harness.namespace + "-" + scope.name().toLowerCase(Locale.ROOT);
            harness.client.rbac()
                    .clusterRoles()
                    .resource(new ClusterRoleBuilder().withNewMetadata()
                            .withName(role)
                            .endMetadata()
                            .withRules(Permission.ALL.stream()
                                    .filter(p -> p.scope() == scope)
                                    .map(p -> new PolicyRuleBuilder().withApiGroups(p.group())
                                            .withResources(p.resources())
                                            .withVerbs(p.verbs())
                                            .build())
                                    .toList())
                            .build())
                    .create();
            if (scope == Permission.Scope.CLUSTER) {
                harness.client.rbac()
                        .clusterRoleBindings()
                        .resource(new ClusterRoleBindingBuilder().withNewMetadata()
                                .withName(role)
                                .endMetadata()
                                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                                .addNewSubject("rbac.authorization.k8s.io", "User", account, null)
                                .build())
                        .create();
            } else {
                harness.client.rbac()
                        .roleBindings()
                        .resource(new RoleBindingBuilder().withNewMetadata()
                                .withName(role)
                                .withNamespace(harness.namespace)
                                .endMetadata()
                                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                                .addNewSubject("rbac.authorization.k8s.io", "User", account, null)
                                .build())
                        .create();
            }
        }
        limited = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(harness.client.getConfiguration()).withImpersonateUsername(account)
                        .withImpersonateGroups("system:authenticated")
                        .build())
                .build();
        harness.restart(
                Map.of("REVERB_OPERATOR_LEADER_ELECTION", "true", "REVERB_OPERATOR_NAMESPACE", harness.namespace),
                limited);
    }

    @AfterEach
    void stop() {
        harness.close();
        limited.close();
    }

    private String leader() {
        return Objects.requireNonNullElse(harness.client.leases()
                .inNamespace(harness.namespace)
                .withName("reverb-operator")
                .require()
                .getSpec()
                .getHolderIdentity(), "");
    }

    @Test
    void theCataloguesPermissionsAreEnoughForAWholeLife() {
        harness.apply("chat",
                "{image: 'r:1', replicas: 2, rollout: {settleTimeout: 1s}, apps: [{id: a}],"
                        + " ingress: {host: a.b}, monitoring: {dashboard: true},"
                        + " autoscaling: {minReplicas: 2, maxReplicas: 3, targetConnections: 5}}");
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s}
            spec: {clusterRef: {name: chat}}
            """.formatted(harness.namespace));
        try (Kubelet kubelet = new Kubelet(harness.namespace, "chat").run()) {
            harness.awaitCondition("chat", "Progressing", "False", "Stable");
            harness.awaitEvent("AppAttached");
            harness.apply("chat", "{image: 'r:2', replicas: 1, rollout: {settleTimeout: 1s}, apps: [{id: a}],"
                    + " networkPolicy: {enabled: false}}");
            harness.awaitEvent("RollFinished");
            ApiServer.await("one server of r:2", () -> kubelet.pods().size() == 1);
            harness.client.resources(ReverbApp.class).inNamespace(harness.namespace).withName("shop").delete();
            ApiServer.await("the app is gone",
                    () -> harness.client.resources(ReverbApp.class)
                            .inNamespace(harness.namespace)
                            .withName("shop")
                            .get() == null);
        }
        assertEquals(List.of(), harness.events("Failed"));
        assertFalse(leader().isEmpty());
        harness.restart(Map.of());
        assertEquals("", leader(), "the lease is given back, so that a successor need not wait until it expires");
    }
}
