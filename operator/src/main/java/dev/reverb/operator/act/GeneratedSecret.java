package dev.reverb.operator.act;

import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.observe.SecretLookup;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Ownership;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** Makes a Secret with new credentials when there is none. What exists is never written over. */
public final class GeneratedSecret {
    private GeneratedSecret() {}

    /**
     * The Secret, made now or earlier.
     *
     * @param address the Secret without credentials
     * @param ownerUid uid of the resource that it belongs to
     * @param made called when it was made now
     * @throws Applier.NotOurs when somebody else's Secret has the name
     */
    public static Secret ensure(KubernetesClient client, SecretLookup secrets, Secret address, String ownerUid,
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
        if (known == null || !Ownership.belongs(known, ownerUid)) {
            throw new Applier.NotOurs(address);
        }
        return known;
    }
}
