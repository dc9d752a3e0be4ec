package dev.reverb.operator.report.app;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbAppStatus;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the statuses of ReverbApps, and knows the last one until the caches do: compared with an older one, a status
 * that has changed back would look as if it were written already. Any thread, one at a time for each application.
 */
public final class AppStatuses {
    private final KubernetesClient client;
    private final Map<ResourceID, ReverbApp> written = new ConcurrentHashMap<>();

    /** Writes by {@code client}. */
    public AppStatuses(KubernetesClient client) {
        this.client = client;
    }

    /** The status of {@code app}, which comes from a cache, as far as is known here; null for none. */
    public @Nullable ReverbAppStatus last(ReverbApp app) {
        ReverbApp own = written.get(ResourceID.fromResource(app));
        if (own == null) {
            return app.getStatus();
        }
        if (own.getMetadata().getUid().equals(app.getMetadata().getUid()) && version(own) > version(app)) {
            return own.getStatus();
        }
        forget(app);
        return app.getStatus();
    }

    /**
     * Writes {@code status}, by a request. An application that is gone is left as it is.
     *
     * @throws KubernetesClientException when the API server refuses
     */
    public void write(ReverbApp app, ReverbAppStatus status) {
        ReverbApp fresh = new ReverbApp();
        fresh.setMetadata(new ObjectMetaBuilder().withNamespace(app.getMetadata().getNamespace())
                .withName(app.getMetadata().getName())
                .build());
        fresh.setStatus(status);
        try {
            ReverbApp answer = client.resource(fresh)
                    .subresource("status")
                    .patch(new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(Labels.OPERATOR)
                            .withForce(true)
                            .build());
            if (answer.getMetadata().getUid().equals(app.getMetadata().getUid())) {
                written.put(ResourceID.fromResource(app), answer);
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e; // deleted meanwhile is fine
            }
        }
    }

    /** Forgets what was written for {@code app}, which is gone, and for one that had its name before. */
    public void forget(ReverbApp app) {
        written.remove(ResourceID.fromResource(app));
    }

    /** Versions count up within a kind; what is no number is taken for the oldest. */
    private static long version(ReverbApp app) {
        try {
            return Long.parseLong(app.getMetadata().getResourceVersion());
        } catch (NumberFormatException _) {
            return 0;
        }
    }
}
