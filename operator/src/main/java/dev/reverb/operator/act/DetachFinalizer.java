package dev.reverb.operator.act;

import dev.reverb.crd.ReverbApp;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The finalizer that keeps a ReverbApp until the cluster of another namespace has taken its entry out. Only an
 * application that is served there has it. Each change costs a request; any thread.
 */
public final class DetachFinalizer {
    /** The finalizer's name. */
    public static final String NAME = "reverb.dev/detach";

    private final KubernetesClient client;

    /** Writes by {@code client}. */
    public DetachFinalizer(KubernetesClient client) {
        this.client = client;
    }

    /** Puts the finalizer on {@code app}, unless it has it or is being deleted. */
    public void add(ReverbApp app) {
        if (!app.hasFinalizer(NAME) && app.getMetadata().getDeletionTimestamp() == null) {
            List<String> finalizers = new ArrayList<>(app.getMetadata().getFinalizers());
            finalizers.add(NAME);
            write(app, finalizers);
        }
    }

    /** Takes the finalizer off {@code app}, so that a deletion ends. */
    public void remove(ReverbApp app) {
        if (app.hasFinalizer(NAME)) {
            write(app, app.getMetadata().getFinalizers().stream().filter(name -> !name.equals(NAME)).toList());
        }
    }

    private void write(ReverbApp app, List<String> finalizers) {
        Map<String, Object> patch = Map.of("metadata",
                Map.of("finalizers", finalizers, "resourceVersion", app.getMetadata().getResourceVersion()));
        try {
            client.resources(ReverbApp.class)
                    .inNamespace(app.getMetadata().getNamespace())
                    .withName(app.getMetadata().getName())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404 && e.getCode() != 409 && e.getCode() != 422) {
                throw e; // gone, or changed meanwhile: the event of the change leads here again
            }
        }
    }
}
