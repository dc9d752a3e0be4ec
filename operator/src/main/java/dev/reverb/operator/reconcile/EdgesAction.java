package dev.reverb.operator.reconcile;

import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Map;

/** What surrounds the servers, each only where it is wanted; and the removal of what no longer is. */
final class EdgesAction {
    private EdgesAction() {}

    static void run(Act act) {
        prune(act);
    }

    /** Removes what the cluster owns and this reconcile did not want; never an application's credentials. */
    private static void prune(Act act) {
        for (HasMetadata object : act.seen.owned()) {
            Map<String, String> labels = object.getMetadata().getLabels();
            boolean credentials = object instanceof Secret && "app".equals(labels.get(Labels.COMPONENT));
            boolean ours = act.seen.plan().namespace().equals(object.getMetadata().getNamespace())
                    && Applier.belongs(object, act.seen.plan().uid());
            if (ours && !credentials && !act.wants(object) && object.getMetadata().getDeletionTimestamp() == null) {
                act.tell(Happening.Removed, "removed the " + object.getKind() + " " + object.getMetadata().getName()
                        + ", which the spec no longer asks for");
                act.delete(object);
            }
        }
    }
}
