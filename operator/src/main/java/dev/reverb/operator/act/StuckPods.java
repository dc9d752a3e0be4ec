package dev.reverb.operator.act;

import dev.reverb.operator.observe.RedisPods;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.observe.ServerStatuses;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.PodTrouble;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.report.ServerTrouble;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why pods do not get ready, and takes away those that keep a fix from getting out: a controller does
 * not replace a pod of an old revision that is not ready, of Redis never and of servers not in every version. Costs no
 * request while all is ready.
 */
public final class StuckPods {
    private static final Logger LOG = LoggerFactory.getLogger(StuckPods.class);

    /** How long a server that is ready may leave the operator without an answer: two polls. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KubernetesClient client;

    /** Reads and deletes by {@code client}. */
    public StuckPods(KubernetesClient client) {
        this.client = client;
    }

    /** Acts, after what the spec asks for was applied. */
    public void run(ReconcileContext context) {
        ClusterPlan plan = context.seen.plan();
        PodTrouble.of(context.seen.pods()).forEach(context::problem);
        ServerStatuses statuses = context.seen.statuses();
        ServerTrouble.refused(statuses).forEach(context::problem);
        Set<String> silent = statuses.silent().stream().map(ServerStatuses.Silent::pod).collect(Collectors.toSet());
        ServerTrouble.silent(statuses, context.memory.silentFor(PATIENCE, silent, context.seen.now()))
                .forEach(context::problem);
        context.seen.servers().ifPresent(servers -> {
            Integer partition = servers.getSpec().getUpdateStrategy() == null
                    || servers.getSpec().getUpdateStrategy().getRollingUpdate() == null ? null
                            : servers.getSpec().getUpdateStrategy().getRollingUpdate().getPartition();
            replaceStuck(context, servers, context.seen.pods(), partition == null ? 0 : partition);
            if (context.memory.isMissing()) {
                uncreatable(context, servers);
            }
        });
        plan.managedRedis()
                .flatMap(_ -> context.seen.redis())
                .filter(redis -> !RedisPods.settled(redis))
                .ifPresent(redis -> {
                    List<Pod> pods = RedisPods.of(client, plan);
                    PodTrouble.of(pods).forEach(context::problem);
                    replaceStuck(context, redis, pods, 0);
                    if (pods.isEmpty()) {
                        uncreatable(context, redis);
                    }
                });
    }

    private void replaceStuck(ReconcileContext context, StatefulSet set, List<Pod> pods, int partition) {
        StatefulSetStatus status = set.getStatus();
        if (status == null || status.getUpdateRevision() == null || status.getObservedGeneration() == null
                || status.getObservedGeneration() < set.getMetadata().getGeneration()) {
            return;
        }
        for (Pod pod : pods) {
            String revision = pod.getMetadata().getLabels().getOrDefault("controller-revision-hash", "");
            boolean old = !revision.isEmpty() && !revision.equals(status.getUpdateRevision());
            boolean ours = pod.getMetadata()
                    .getOwnerReferences()
                    .stream()
                    .anyMatch(owner -> owner.getUid().equals(set.getMetadata().getUid()));
            if (ours && old && !ServerPods.ready(pod) && !ServerPods.terminating(pod) && ordinal(pod) >= partition) {
                delete(context, pod);
            }
        }
    }

    private static int ordinal(Pod pod) {
        String name = pod.getMetadata().getName();
        String last = name.substring(name.lastIndexOf('-') + 1);
        return last.matches("\\d{1,9}") ? Integer.parseInt(last) : -1;
    }

    private void delete(ReconcileContext context, Pod pod) {
        try {
            // the resource version keeps a successor of the same name, or one that got ready meanwhile
            client.resource(pod).lockResourceVersion(pod.getMetadata().getResourceVersion()).delete();
            context.record(EventReason.PodReplaced, "deleted " + pod.getMetadata().getName()
                    + ", which is of an old revision and not ready: the new one would never take its place");
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e;
            }
        }
    }

    /** What the controller says of pods that it cannot create, which stands in its Events alone. */
    private void uncreatable(ReconcileContext context, StatefulSet set) {
        try {
            Optional<Event> last = client.v1()
                    .events()
                    .inNamespace(set.getMetadata().getNamespace())
                    .withField("involvedObject.uid", set.getMetadata().getUid())
                    .withField("reason", "FailedCreate")
                    .list()
                    .getItems()
                    .stream()
                    .max(Comparator.comparing(event -> Objects.requireNonNullElse(event.getLastTimestamp(), "")));
            last.ifPresent(event -> context
                    .problem(Problem.partial("CreateFailed", set.getMetadata().getName() + ": " + event.getMessage())));
        } catch (KubernetesClientException e) {
            LOG.debug("cannot read the Events of {}: {}", set.getMetadata().getName(), e.getMessage());
        }
    }
}
