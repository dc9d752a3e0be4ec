package dev.reverb.operator.act.apps;

import dev.reverb.crd.ReverbApp;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The finalizer that keeps a ReverbApp until the cluster of another namespace has taken its entry out. Only an
 * application that is served there has it. Each change costs a request, and two more for each time that the resource
 * was changed meanwhile; any thread.
 */
public final class DetachFinalizer {
    /** The finalizer's name. */
    public static final String NAME = "reverb.dev/detach";

    /** How often a change is tried on what the API server has by then. */
    private static final int ATTEMPTS = 5;

    private final KubernetesClient client;

    /** Writes by {@code client}. */
    public DetachFinalizer(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Puts the finalizer on {@code app}, unless it has it or is being deleted.
     *
     * @throws KubernetesClientException when the API server refuses, with 409 or 422 when it did so five times
     */
    public void add(ReverbApp app) {
        change(app, now -> {
            List<String> finalizers = new ArrayList<>(now.getMetadata().getFinalizers());
            if (!finalizers.contains(NAME) && now.getMetadata().getDeletionTimestamp() == null) {
                finalizers.add(NAME);
            }
            return finalizers;
        });
    }

    /**
     * Takes the finalizer off {@code app}, so that a deletion ends.
     *
     * @throws KubernetesClientException when the API server refuses, with 409 or 422 when it did so five times
     */
    public void remove(ReverbApp app) {
        change(app, now -> now.getMetadata().getFinalizers().stream().filter(name -> !name.equals(NAME)).toList());
    }

    /**
     * What is known of {@code app} may be older than what the API server has, by a status for example, whose change
     * leads to no reconcile: a refusal is answered here, or else by the retry of the reconcile.
     */
    private void change(ReverbApp app, Function<ReverbApp, List<String>> wanted) {
        Resource<ReverbApp> resource = client.resources(ReverbApp.class)
                .inNamespace(app.getMetadata().getNamespace())
                .withName(app.getMetadata().getName());
        ReverbApp now = app;
        for (int attempt = 1; now != null && now.getMetadata().getUid().equals(app.getMetadata().getUid()); attempt++) {
            List<String> finalizers = wanted.apply(now);
            if (finalizers.equals(now.getMetadata().getFinalizers())) {
                return;
            }
            Map<String, Object> patch = Map.of("metadata",
                    Map.of("finalizers", finalizers, "resourceVersion", now.getMetadata().getResourceVersion()));
            try {
                resource.patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() == 404) {
                    return; // gone
                }
                if (attempt == ATTEMPTS || (e.getCode() != 409 && e.getCode() != 422)) {
                    throw e;
                }
            }
            now = resource.get();
        }
    }
}
