package dev.reverb.operator.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.Map;

/** Which resource a Kubernetes object belongs to. Pure. */
public final class Ownership {
    private Ownership() {}

    /** Whether the resource {@code ownerUid} is the controller of {@code object}. */
    public static boolean controlledBy(HasMetadata object, String ownerUid) {
        return object.getMetadata()
                .getOwnerReferences()
                .stream()
                .anyMatch(owner -> Boolean.TRUE.equals(owner.getController()) && ownerUid.equals(owner.getUid()));
    }

    /** Whether {@code object} belongs to the resource {@code ownerUid}, or to nobody but bears the operator's label. */
    public static boolean belongs(HasMetadata object, String ownerUid) {
        OwnerReference controller = object.getMetadata()
                .getOwnerReferences()
                .stream()
                .filter(reference -> Boolean.TRUE.equals(reference.getController()))
                .findFirst()
                .orElse(null);
        if (controller != null) {
            return controller.getUid().equals(ownerUid);
        }
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels != null && Labels.OPERATOR.equals(labels.get(Labels.MANAGED_BY));
    }
}
