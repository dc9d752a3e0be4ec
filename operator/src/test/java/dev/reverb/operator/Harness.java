package dev.reverb.operator;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** An operator over the test's API server, and a namespace of its own. */
public final class Harness implements AutoCloseable {
    public final KubernetesClient client = ApiServer.client();
    public final String namespace = ApiServer.namespace();
    private ReverbOperator operator;

    public Harness() {
        operator = start(Map.of());
    }

    /** Another operator process, with other settings, after the one that runs is stopped. */
    public void restart(Map<String, String> settings) {
        operator.close();
        operator = start(settings);
    }

    /** The same, with an identity of its own. */
    public void restart(Map<String, String> settings, KubernetesClient identity) {
        operator.close();
        operator = start(settings, identity);
    }

    private ReverbOperator start(Map<String, String> more) {
        return start(more, client);
    }

    private ReverbOperator start(Map<String, String> more, KubernetesClient identity) {
        Map<String, String> environment = new HashMap<>(Map.of("REVERB_OPERATOR_LEADER_ELECTION", "false",
                "REVERB_OPERATOR_MANAGEMENT_PORT", "0", "REVERB_OPERATOR_POLL", "500ms", "REVERB_OPERATOR_ROLL_WATCH",
                "1ms", "REVERB_OPERATOR_NAMESPACES", namespace));
        environment.putAll(more);
        try {
            return ReverbOperator.start(identity, OperatorSettings.load(environment));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ReverbOperator operator() {
        return operator;
    }

    /** Applies a ReverbCluster with the spec {@code spec}, as YAML in one line. */
    public void apply(String name, String spec) {
        apply(name, spec, "");
    }

    /** Applies a ReverbCluster with annotations too. */
    public void apply(String name, String spec, String annotations) {
        applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbCluster
            metadata: {name: %s, namespace: %s, annotations: {%s}}
            spec: %s
            """.formatted(name, namespace, annotations, spec));
    }

    /** Applies any resource, as a user would with kubectl. */
    public void applyYaml(String yaml) {
        client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .fieldManager("kubectl")
                .forceConflicts()
                .serverSideApply();
    }

    /**
     * Has the API server refuse what is made or changed in {@code namespace}, once it knows of it, which takes a while.
     *
     * @param policy the name of the policy, and of the binding whose deletion ends it
     * @param rule what is refused, as one of {@code resourceRules}
     * @param message what the refusal says
     */
    public void deny(String policy, String namespace, String rule, String message) {
        applyYaml("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: %1$s}
            spec:
              failurePolicy: Fail
              matchConstraints:
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
                resourceRules: [%3$s]
              validations: [{expression: 'false', message: %4$s}]
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: %1$s}
            spec: {policyName: %1$s, validationActions: [Deny]}
            """.formatted(policy, namespace, rule, message));
    }

    public ReverbCluster cluster(String name) {
        return client.resources(ReverbCluster.class).inNamespace(namespace).withName(name).require();
    }

    public Optional<Condition> condition(String name, String type) {
        ReverbCluster cluster = cluster(name);
        if (cluster.getStatus() == null || cluster.getStatus().conditions() == null) {
            return Optional.empty();
        }
        return cluster.getStatus()
                .conditions()
                .stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    /** Waits for a condition's status and reason. */
    public Condition awaitCondition(String name, String type, String status, String reason) {
        return ApiServer.await(type + " of " + name + " is " + status + ", " + reason,
                () -> condition(name, type).filter(
                        condition -> condition.getStatus().equals(status) && condition.getReason().equals(reason))
                        .orElse(null));
    }

    /** Waits until the ReverbApp's condition Ready has {@code reason}. */
    public ReverbApp awaitApp(String appNamespace, String name, String reason) {
        return ApiServer.await(name + " is " + reason, () -> {
            ReverbApp app = client.resources(ReverbApp.class).inNamespace(appNamespace).withName(name).get();
            if (app == null || app.getStatus() == null) {
                return null;
            }
            return Objects.requireNonNull(app.getStatus().conditions()).getFirst().getReason().equals(reason) ? app
                    : null;
        });
    }

    public List<Event> events(String reason) {
        return client.v1()
                .events()
                .inNamespace(namespace)
                .list()
                .getItems()
                .stream()
                .filter(event -> event.getReason().equals(reason))
                .toList();
    }

    /** Waits for an Event of {@code reason}. */
    public Event awaitEvent(String reason) {
        return ApiServer.await("an Event " + reason, () -> events(reason).stream().findFirst().orElse(null));
    }

    @Override
    public void close() {
        operator.close();
    }
}
