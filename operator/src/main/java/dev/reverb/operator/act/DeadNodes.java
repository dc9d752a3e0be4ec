package dev.reverb.operator.act;

import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.report.EventReason;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Force-deletes servers on a node that has not been ready for two minutes, so that they start elsewhere: a StatefulSet
 * would wait for the node for ever, and a server holds no data. Without the permission to read nodes nothing is done.
 */
public final class DeadNodes {
    private static final Logger LOG = LoggerFactory.getLogger(DeadNodes.class);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final KubernetesClient client;

    public DeadNodes(KubernetesClient client) {
        this.client = client;
    }

    public void run(ReconcileContext context) {
        for (Pod pod : context.seen.pods()) {
            String node = pod.getSpec().getNodeName();
            if (node != null && !ServerPods.ready(pod) && dead(node, context.seen.now())) {
                if (!delete(pod)) {
                    continue;
                }
                context.record(EventReason.ServerForceDeleted, "force-deleted " + pod.getMetadata().getName()
                        + ": its node " + node + " has not been ready for " + PATIENCE.toMinutes() + " minutes");
            }
        }
    }

    /** Deletes the pod as it was observed: not a successor of its name, nor one that reported again meanwhile. */
    private boolean delete(Pod pod) {
        try {
            client.raw(
                    "/api/v1/namespaces/" + pod.getMetadata().getNamespace() + "/pods/" + pod.getMetadata().getName(),
                    "DELETE",
                    new DeleteOptionsBuilder().withGracePeriodSeconds(0L)
                            .withNewPreconditions()
                            .withUid(pod.getMetadata().getUid())
                            .withResourceVersion(pod.getMetadata().getResourceVersion())
                            .endPreconditions()
                            .build());
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409 && e.getCode() != 404) {
                throw e;
            }
            return false;
        }
    }

    private boolean dead(String name, Instant now) {
        Node node;
        try {
            node = client.nodes().withName(name).get();
        } catch (KubernetesClientException e) {
            LOG.debug("cannot read the node {}: {}", name, e.getMessage());
            return false;
        }
        if (node == null || node.getStatus() == null) {
            return node == null;
        }
        return node.getStatus()
                .getConditions()
                .stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .anyMatch(condition -> !"True".equals(condition.getStatus())
                        && Optional.ofNullable(condition.getLastTransitionTime())
                                .map(time -> OffsetDateTime.parse(time).toInstant().plus(PATIENCE).isBefore(now))
                                .orElse(false));
    }
}
