package dev.reverb.operator.observe;

import io.fabric8.kubernetes.api.model.Secret;
import java.util.Optional;

/** Looks Secrets up by namespace and name. Both methods fail with a KubernetesClientException where reading fails. */
public interface SecretLookup {
    /** The Secret, from a cache. */
    Optional<Secret> find(String namespace, String name);

    /** The Secret, from the API server: for a decision that a cache which is behind would get wrong. */
    Optional<Secret> fresh(String namespace, String name);
}
