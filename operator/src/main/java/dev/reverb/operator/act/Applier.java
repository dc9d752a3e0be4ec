package dev.reverb.operator.act;

import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.Ownership;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Server-side apply under the operator's own field manager. What was applied already, and has not been changed by
 * anybody since, is not sent again. An object of the same name that belongs to somebody else is never touched. Any
 * thread.
 */
public final class Applier {
    private final KubernetesClient client;
    private final Map<String, Applied> memory = new ConcurrentHashMap<>();

    private record Applied(String digest, String resourceVersion) {}

    /** An object of the name that is needed belongs to somebody else. */
    public static final class NotOurs extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotOurs(HasMetadata desired) {
            super("a " + desired.getKind() + " " + desired.getMetadata().getName()
                    + " exists that this cluster did not make; rename one of them or delete it");
        }
    }

    /** Applies through {@code client}. */
    public Applier(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Makes {@code desired} so.
     *
     * @param known the object as a cache has it, however old; null when it has none
     * @param ownerUid uid of the resource that the object belongs to
     * @return the object as it is now, or {@code known} when nothing had to be sent
     * @throws NotOurs when somebody else's object has the name
     */
    public <T extends HasMetadata> T apply(T desired, @Nullable T known, String ownerUid) {
        String key = ownerUid + "/" + key(desired);
        String digest = Digest.of(Serialization.asJson(desired));
        Applied applied = memory.get(key);
        if (known != null && applied != null && applied.digest().equals(digest)
                && applied.resourceVersion().equals(known.getMetadata().getResourceVersion())) {
            return known;
        }
        if (applied == null || known == null || !Ownership.belongs(known, ownerUid)) {
            // ours may have been deleted, and another one of its name made
            refuseForeign(desired, ownerUid);
        }
        T result = client.resource(desired).fieldManager(Labels.OPERATOR).forceConflicts().serverSideApply();
        memory.put(key, new Applied(digest, result.getMetadata().getResourceVersion()));
        return result;
    }

    /** Deletes {@code object}, in the background; its absence is no error. */
    public void delete(HasMetadata object) {
        String suffix = "/" + key(object);
        memory.keySet().removeIf(key -> key.endsWith(suffix));
        client.resource(object).delete();
    }

    /**
     * Forgets every object of the resource {@code ownerUid}, which is gone: its successor looks at each name afresh.
     */
    public void forget(String ownerUid) {
        memory.keySet().removeIf(key -> key.startsWith(ownerUid + "/"));
    }

    private <T extends HasMetadata> void refuseForeign(T desired, String ownerUid) {
        HasMetadata existing;
        try {
            existing = client.resource(desired).get();
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                return;
            }
            throw e;
        }
        if (existing != null && !Ownership.belongs(existing, ownerUid)) {
            throw new NotOurs(desired);
        }
    }

    private static String key(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getKind() + "/" + object.getMetadata().getName();
    }
}
