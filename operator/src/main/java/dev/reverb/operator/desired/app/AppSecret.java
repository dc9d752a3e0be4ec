package dev.reverb.operator.desired.app;

import dev.reverb.crd.ReverbApp;
import dev.reverb.operator.plan.AttachedApp;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.PublicAddress;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;

/**
 * An application's generated Secret, which a back end takes whole with {@code envFrom}. The credentials are written
 * when it is made and never again, the address whenever it changes: two objects, so that no later apply can touch what
 * somebody rotated.
 */
public final class AppSecret {
    private AppSecret() {}

    /**
     * Metadata of the Secret of the cluster's own application {@code id}; without an owner when it is to be retained.
     */
    public static ObjectMeta metadata(ClusterPlan plan, String id) {
        ObjectMeta metadata = plan.owned(plan.names().app(id), "app");
        if (plan.retainsCredentials()) {
            metadata.setOwnerReferences(List.of());
        }
        return metadata;
    }

    /**
     * The Secret as it is made: whole at once, because a back end may take it in the moment in which it appears.
     *
     * @param address the part that follows the cluster
     */
    public static Secret created(Secret address, Credentials credentials) {
        SecretBuilder secret = new SecretBuilder(address)
                .addToData(Credentials.KEY, Credentials.encode(credentials.key()))
                .addToData(Credentials.SECRET, Credentials.encode(credentials.secret()));
        if (!credentials.previousSecrets().isEmpty()) {
            secret.addToData(Credentials.PREVIOUS_SECRETS,
                    Credentials.encode(String.join(",", credentials.previousSecrets())));
        }
        return secret.build();
    }

    /** The part that follows the cluster: id and address. */
    public static Secret address(ObjectMeta metadata, String id, PublicAddress address) {
        return new SecretBuilder().withMetadata(metadata)
                .withType("Opaque")
                .addToData(Credentials.ID, Credentials.encode(id))
                .addToData("REVERB_HOST", Credentials.encode(address.host()))
                .addToData("REVERB_PORT", Credentials.encode(Integer.toString(address.port())))
                .addToData("REVERB_SCHEME", Credentials.encode(address.scheme()))
                .build();
    }

    /** Whether the operator made {@code secret}. */
    public static boolean generated(Secret secret) {
        return secret.getMetadata().getLabels() != null
                && Labels.OPERATOR.equals(secret.getMetadata().getLabels().get(Labels.MANAGED_BY));
    }

    /** Metadata of the generated Secret of {@code app}, beside it. */
    public static ObjectMeta metadata(ReverbApp app) {
        ObjectMetaBuilder metadata = new ObjectMetaBuilder().withNamespace(app.getMetadata().getNamespace())
                .withName(AttachedApp.secret(app))
                .addToLabels(Labels.MANAGED_BY, Labels.OPERATOR)
                .addToLabels(Labels.APP, app.getMetadata().getName());
        if (!AttachedApp.retainsCredentials(app)) {
            metadata.addNewOwnerReference()
                    .withApiVersion("reverb.dev/v1")
                    .withKind("ReverbApp")
                    .withName(app.getMetadata().getName())
                    .withUid(app.getMetadata().getUid())
                    .withController(true)
                    .withBlockOwnerDeletion(true)
                    .endOwnerReference();
        }
        return metadata.build();
    }
}
