package dev.reverb.operator.reconcile;

import dev.reverb.operator.desired.ForeignObjects;
import dev.reverb.operator.desired.ServerAutoscaler;
import dev.reverb.operator.desired.ServerDashboard;
import dev.reverb.operator.desired.ServerDisruptionBudget;
import dev.reverb.operator.desired.ServerIngress;
import dev.reverb.operator.desired.ServerNetworkPolicy;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Map;

/** What surrounds the servers, each only where it is wanted; and the removal of what no longer is. */
final class EdgesAction {
    /** Foreign kinds have no cache, so what was applied is applied again only after this. */
    private static final Duration AGAIN = Duration.ofMinutes(5);

    private final KubernetesClient client;

    EdgesAction(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Acts.
     *
     * @param whole whether everything that is wanted is known, so that what is not wanted may go
     * @param rest whether the servers are as they shall be: until then old ones may still need the old Redis
     */
    void run(Act act, boolean whole, boolean rest) {
        ClusterPlan plan = act.seen.plan();
        ServerIngress.of(plan).ifPresent(act::apply);
        ServerAutoscaler.of(plan).ifPresent(act::apply);
        ServerDisruptionBudget.of(plan).ifPresent(act::apply);
        ServerNetworkPolicy.of(plan).ifPresent(act::apply);
        ServerDashboard.of(plan).ifPresent(act::apply);
        Map<ForeignKind, GenericKubernetesResource> wanted = ForeignObjects.of(plan);
        for (ForeignKind kind : ForeignKind.values()) {
            foreign(act, kind, wanted);
        }
        if (whole) {
            prune(act, rest);
        }
    }

    private void foreign(Act act, ForeignKind kind, Map<ForeignKind, GenericKubernetesResource> wanted) {
        boolean installed = act.seen.installed().contains(kind);
        GenericKubernetesResource object = wanted.get(kind);
        if (object != null && !installed) {
            act.problem(Problem.partial("KindMissing", ForeignObjects.field(kind) + ": " + kind.kind() + " of "
                    + kind.group() + " is not installed in this Kubernetes; install it or leave the field out"));
            return;
        }
        if (!installed) {
            return;
        }
        String asked = String.valueOf(object);
        ClusterMemory.Foreign last = act.memory.foreign.get(kind);
        if (last != null && asked.equals(last.asked()) && act.seen.now().isBefore(last.until())) {
            return;
        }
        if (object != null) {
            act.apply(object);
        } else {
            remove(act, kind);
        }
        act.memory.foreign.put(kind, new ClusterMemory.Foreign(asked, act.seen.now().plus(AGAIN)));
    }

    private void remove(Act act, ForeignKind kind) {
        ClusterPlan plan = act.seen.plan();
        try {
            GenericKubernetesResource existing = client.genericKubernetesResources(kind.apiVersion(), kind.kind())
                    .inNamespace(plan.namespace())
                    .withName(ForeignObjects.name(kind, plan))
                    .get();
            if (existing != null && Applier.belongs(existing, plan.uid())) {
                removed(act, existing);
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != 403) {
                throw e; // without the permission there is nothing of ours
            }
        }
    }

    /** Removes what the cluster owns and this reconcile did not want; never an application's credentials. */
    private static void prune(Act act, boolean rest) {
        for (HasMetadata object : act.seen.owned()) {
            Map<String, String> labels = object.getMetadata().getLabels();
            boolean credentials = object instanceof Secret && "app".equals(labels.get(Labels.COMPONENT));
            boolean needed = !rest && Labels.REDIS.equals(labels.get(Labels.COMPONENT));
            boolean ours = act.seen.plan().namespace().equals(object.getMetadata().getNamespace())
                    && Applier.belongs(object, act.seen.plan().uid());
            if (ours && !credentials && !needed && !act.wants(object)
                    && object.getMetadata().getDeletionTimestamp() == null) {
                removed(act, object);
            }
        }
    }

    private static void removed(Act act, HasMetadata object) {
        act.tell(Happening.Removed, "removed the " + object.getKind() + " " + object.getMetadata().getName()
                + ", which the spec no longer asks for");
        act.delete(object);
    }
}
