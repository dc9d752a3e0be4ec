package dev.reverb.operator;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the leader's lease back, so that a successor need not wait until it expires. */
final class LeaderLease {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderLease.class);

    private LeaderLease() {}

    /** Empties the lease {@code name} if {@code identity} holds it; two requests, and a failure is only logged. */
    static void release(KubernetesClient client, String namespace, String name, String identity) {
        try {
            Lease lease = client.leases().inNamespace(namespace).withName(name).get();
            if (lease == null || !identity.equals(lease.getSpec().getHolderIdentity())) {
                return;
            }
            client.leases()
                    .inNamespace(namespace)
                    .withName(name)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"resourceVersion\":\""
                            + lease.getMetadata().getResourceVersion() + "\"},\"spec\":{\"holderIdentity\":\"\"}}");
        } catch (KubernetesClientException e) {
            LOG.warn("the lease {}/{} is not given back and expires by itself: {}", namespace, name, e.getMessage());
        }
    }
}
