package dev.reverb.operator.act;

import dev.reverb.operator.observe.RedisPods;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.plan.Ownership;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.Problem;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Force-deletes pods on a node that has not been ready for two minutes, so that they start elsewhere: a StatefulSet
 * would wait for the node for ever. A server holds no data, and a Redis in memory has lost its own; one with a volume
 * may still write to it until its node is gone. Without the permission to read nodes nothing is done.
 */
public final class DeadNodes {
    private static final Logger LOG = LoggerFactory.getLogger(DeadNodes.class);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final KubernetesClient client;

    public DeadNodes(KubernetesClient client) {
        this.client = client;
    }

    /** Acts. Costs a request for each node with a pod that is not ready, and one while the managed Redis is not. */
    public void run(ReconcileContext context) {
        for (Pod pod : context.seen.pods()) {
            state(pod, context.seen.now()).filter(state -> state != NodeState.ALIVE)
                    .ifPresent(_ -> delete(context, pod, EventReason.ServerForceDeleted));
        }
        context.seen.redis().filter(redis -> !RedisPods.ready(redis)).ifPresent(redis -> redis(context, redis));
    }

    private void redis(ReconcileContext context, StatefulSet redis) {
        boolean volume = !redis.getSpec().getVolumeClaimTemplates().isEmpty();
        for (Pod pod : RedisPods.of(client, context.seen.plan())) {
            if (!Ownership.controlledBy(pod, redis.getMetadata().getUid())) {
                continue;
            }
            NodeState state = state(pod, context.seen.now()).orElse(NodeState.ALIVE);
            if (state == NodeState.SILENT && volume) {
                context.problem(Problem.partial("RedisOnDeadNode", pod.getMetadata().getName() + ": its node "
                        + pod.getSpec().getNodeName() + " has not been ready for " + PATIENCE.toMinutes()
                        + " minutes and may still write to its volume; when the node is off, delete it, or give it the"
                        + " taint node.kubernetes.io/out-of-service, so that Redis starts elsewhere"));
            } else if (state != NodeState.ALIVE) {
                delete(context, pod, EventReason.RedisForceDeleted);
            }
        }
    }

    private void delete(ReconcileContext context, Pod pod, EventReason reason) {
        if (delete(pod)) {
            context.record(reason, "force-deleted " + pod.getMetadata().getName() + ": its node "
                    + pod.getSpec().getNodeName() + " has not been ready for " + PATIENCE.toMinutes() + " minutes");
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

    private enum NodeState {
        ALIVE,
        /** It has not reported for {@link #PATIENCE}. */
        SILENT,
        /** Kubernetes does not know it any more. */
        GONE
    }

    /** Of the node of {@code pod}; empty for a pod that is ready or has no node. */
    private Optional<NodeState> state(Pod pod, Instant now) {
        String name = pod.getSpec().getNodeName();
        if (name == null || ServerPods.ready(pod)) {
            return Optional.empty();
        }
        Node node;
        try {
            node = client.nodes().withName(name).get();
        } catch (KubernetesClientException e) {
            LOG.debug("cannot read the node {}: {}", name, e.getMessage());
            return Optional.empty();
        }
        if (node == null) {
            return Optional.of(NodeState.GONE);
        }
        boolean silent = node.getStatus() != null
                && node.getStatus()
                        .getConditions()
                        .stream()
                        .filter(condition -> "Ready".equals(condition.getType()))
                        .anyMatch(condition -> !"True".equals(condition.getStatus()) && Optional
                                .ofNullable(condition.getLastTransitionTime())
                                .map(time -> OffsetDateTime.parse(time).toInstant().plus(PATIENCE).isBefore(now))
                                .orElse(false));
        return Optional.of(silent ? NodeState.SILENT : NodeState.ALIVE);
    }
}
