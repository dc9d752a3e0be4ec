package dev.reverb.operator.act;

import dev.reverb.operator.desired.ForeignObject;
import dev.reverb.operator.desired.exposure.ForeignObjects;
import dev.reverb.operator.desired.exposure.ServerIngress;
import dev.reverb.operator.desired.monitoring.ServerDashboard;
import dev.reverb.operator.desired.server.ServerAutoscaler;
import dev.reverb.operator.desired.server.ServerDisruptionBudget;
import dev.reverb.operator.desired.server.ServerNetworkPolicy;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.Ownership;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.Problem;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Applies the objects around the servers (Ingress, autoscaler, budget, policies, monitoring) that the spec asks for,
 * and removes those that it no longer asks for.
 */
public final class ExposureAction {
    /** Foreign kinds have no cache, so what was applied is applied again only after this. */
    private static final Duration AGAIN = Duration.ofMinutes(5);

    private final KubernetesClient client;

    public ExposureAction(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Acts.
     *
     * @param whole whether everything that is wanted is known, so that what is not wanted may go
     * @param rest whether the servers are as they shall be: until then old ones may still need the old Redis
     */
    public void run(ReconcileContext context, boolean whole, boolean rest) {
        ClusterPlan plan = context.seen.plan();
        edge(context, "spec.ingress", () -> ServerIngress.of(plan));
        context.seen.hostTaken()
                .ifPresent(other -> context.problem(Problem.partial("HostInUse", "spec.ingress.host: the Ingress "
                        + other + " had " + Objects.requireNonNull(plan.spec().ingress()).host()
                        + " before, and which of the two"
                        + " gets its requests is the Ingress controller's choice; write another host, or remove that"
                        + " Ingress")));
        edge(context, "spec.autoscaling", () -> ServerAutoscaler.of(plan));
        int servers = context.wanted.orElse(plan.leastReplicas());
        edge(context, "spec.disruptionBudget", () -> ServerDisruptionBudget.of(plan, servers));
        ServerDisruptionBudget.tooLarge(plan)
                .ifPresent(text -> context.problem(Problem.partial("BudgetTooLarge", text)));
        edge(context, "spec.networkPolicy", () -> ServerNetworkPolicy.of(plan));
        edge(context, "spec.monitoring.dashboard", () -> ServerDashboard.of(plan));
        Map<ForeignKind, GenericKubernetesResource> wanted = ForeignObjects.of(plan);
        for (ForeignKind kind : ForeignKind.values()) {
            context.attempt(ForeignObject.field(kind), false, () -> foreign(context, kind, wanted));
        }
        // what a part that failed did not come to ask for is not unwanted
        if (whole && !context.incomplete()) {
            context.attempt("removal", false, () -> prune(context, rest));
        }
    }

    /** Each by itself: an Ingress that an admission webhook refuses keeps no budget or policy from being applied. */
    private static void edge(ReconcileContext context, String field,
            Supplier<? extends Optional<? extends HasMetadata>> object) {
        context.attempt(field, false, () -> object.get().ifPresent(context::apply));
    }

    private void foreign(ReconcileContext context, ForeignKind kind,
            Map<ForeignKind, GenericKubernetesResource> wanted) {
        boolean installed = context.seen.installed().contains(kind);
        GenericKubernetesResource object = wanted.get(kind);
        if (object != null && !installed) {
            context.problem(Problem.partial("KindMissing", ForeignObject.field(kind) + ": " + kind.kind() + " of "
                    + kind.group() + " is not installed in this Kubernetes; install it or leave the field out"));
            return;
        }
        if (!installed) {
            return;
        }
        String asked = String.valueOf(object);
        ClusterMemory.Foreign last = context.memory.foreign.get(kind);
        if (last != null && asked.equals(last.asked()) && context.seen.now().isBefore(last.until())) {
            return;
        }
        if (object != null) {
            context.apply(object);
        } else {
            remove(context, kind);
        }
        context.memory.foreign.put(kind, new ClusterMemory.Foreign(asked, context.seen.now().plus(AGAIN)));
    }

    private void remove(ReconcileContext context, ForeignKind kind) {
        ClusterPlan plan = context.seen.plan();
        try {
            GenericKubernetesResource existing = client.genericKubernetesResources(kind.apiVersion(), kind.kind())
                    .inNamespace(plan.namespace())
                    .withName(ForeignObject.name(kind, plan))
                    .get();
            if (existing != null && Ownership.controlledBy(existing, plan.uid())) {
                removed(context, existing);
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != 403) {
                throw e; // without the permission there is nothing of ours
            }
        }
    }

    /** Removes what the cluster owns and this reconcile did not want; never an application's credentials. */
    private static void prune(ReconcileContext context, boolean rest) {
        for (HasMetadata object : context.seen.owned()) {
            Map<String, String> labels = object.getMetadata().getLabels();
            boolean credentials = object instanceof Secret && "app".equals(labels.get(Labels.COMPONENT));
            boolean needed = !rest && Labels.REDIS.equals(labels.get(Labels.COMPONENT));
            // the label alone is not enough: somebody may have copied an object together with its labels
            boolean ours = context.seen.plan().namespace().equals(object.getMetadata().getNamespace())
                    && Ownership.controlledBy(object, context.seen.plan().uid());
            if (ours && !credentials && !needed && !context.wants(object)
                    && object.getMetadata().getDeletionTimestamp() == null) {
                removed(context, object);
            }
        }
    }

    private static void removed(ReconcileContext context, HasMetadata object) {
        context.record(EventReason.Removed, "removed the " + object.getKind() + " " + object.getMetadata().getName()
                + ", which the spec no longer asks for");
        context.delete(object);
    }
}
