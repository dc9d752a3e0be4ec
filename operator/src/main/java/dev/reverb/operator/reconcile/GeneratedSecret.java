package dev.reverb.operator.reconcile;

import dev.reverb.operator.desired.AppSecret;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** Makes a Secret with new credentials when there is none. What exists is never written over. */
final class GeneratedSecret {
    private GeneratedSecret() {}

    /**
     * The Secret, made now or earlier.
     *
     * @param address the Secret without credentials
     * @param ownerUid uid of the resource that it belongs to
     * @param made called when it was made now
     * @throws Applier.NotOurs when somebody else's Secret has the name
     */
    static Secret ensure(KubernetesClient client, Observation.Secrets secrets, Secret address, String ownerUid,
            Runnable made) {
        Secret known = secrets.find(address.getMetadata().getNamespace(), address.getMetadata().getName()).orElse(null);
        if (known == null) {
            Secret created = AppSecret.created(address, Credentials.generate());
            try {
                // create fails where a cache was behind, so that no credentials are ever replaced
                known = client.resource(created).create();
                made.run();
                return known;
            } catch (KubernetesClientException e) {
                if (e.getCode() != 409) {
                    throw e;
                }
                known = client.resource(created).get();
            }
        }
        if (known == null || !Applier.belongs(known, ownerUid)) {
            throw new Applier.NotOurs(address);
        }
        return known;
    }
}
