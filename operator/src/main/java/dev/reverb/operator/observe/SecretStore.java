package dev.reverb.operator.observe;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What the caches keep of Secrets: all of a small one, and of a large one, or one of a type that holds nothing for the
 * operator, only that it exists. Whoever needs such a one reads it from the API server. Any thread.
 */
public final class SecretStore {
    /** Characters of data; credentials, certificates and passwords take less. */
    static final int LARGEST = 16 * 1024;
    /** How many Secrets one answer of the first listing holds, since each is whole until it is stored. */
    public static final long PAGE = 100;

    private static final String LEFT_OUT = "reverb.dev/data-left-out";
    private static final Set<String> USELESS = Set.of("helm.sh/release.v1", "kubernetes.io/service-account-token",
            "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg", "bootstrap.kubernetes.io/token");

    private SecretStore() {}

    /** A store for one informer: an informer removes what its own listing lacks, so that two cannot share one. */
    static ItemStore<Secret> create() {
        return new BasicItemStore<>(Cache::metaNamespaceKeyFunc) {
            @Override
            public Secret put(String key, Secret secret) {
                return super.put(key, stored(secret));
            }
        };
    }

    static Secret stored(Secret secret) {
        boolean useless = secret.getType() != null && USELESS.contains(secret.getType());
        long size = secret.getData() == null ? 0
                : secret.getData().values().stream().mapToLong(value -> value == null ? 0 : value.length()).sum();
        if (!useless && size <= LARGEST) {
            return secret;
        }
        return new SecretBuilder(secret).withData(null)
                .editMetadata()
                .withManagedFields()
                .withAnnotations(Map.of(LEFT_OUT, "true"))
                .endMetadata()
                .build();
    }

    /** Looks Secrets up in {@code cache}, and by {@code client} where that does not hold them whole. */
    public static SecretLookup lookup(Function<ResourceID, Optional<Secret>> cache, KubernetesClient client) {
        return new SecretLookup() {
            @Override
            public Optional<Secret> find(String namespace, String name) {
                Optional<Secret> found = cache.apply(new ResourceID(name, namespace));
                return found.filter(SecretStore::leftOut).isPresent() ? fresh(namespace, name) : found;
            }

            @Override
            public Optional<Secret> fresh(String namespace, String name) {
                return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
            }
        };
    }

    private static boolean leftOut(Secret secret) {
        Map<String, String> annotations = secret.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(LEFT_OUT);
    }
}
