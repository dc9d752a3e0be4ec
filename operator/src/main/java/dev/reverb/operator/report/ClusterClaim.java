package dev.reverb.operator.report;

import dev.reverb.crd.OperatorClaim;
import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbAppStatus;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which operator acts on a cluster or speaks of an application, in {@code status.operator}: two that watch the same
 * namespace must not undo what the other does. Whoever acts renews its claim each minute; three minutes after the last
 * time another may take over. Operators that elect a leader among them share one namespace and so one claim. Any
 * thread.
 */
public final class ClusterClaim {
    /** How often a claim is renewed. */
    public static final Duration RENEW = Duration.ofMinutes(1);
    private static final Duration EXPIRES = Duration.ofMinutes(3);
    /** Applications are many, and who speaks of one matters less: their claims are renewed less often. */
    private static final Duration RENEW_APP = Duration.ofMinutes(10);
    private static final Duration APP_EXPIRES = Duration.ofMinutes(30);

    private final KubernetesClient client;
    private final String namespace;

    /** Claims for the operator of {@code namespace}. */
    public ClusterClaim(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** The namespace of another operator that acts on {@code cluster}, if there is one. */
    public Optional<String> foreign(ReverbCluster cluster, Instant now) {
        return claim(cluster).filter(claim -> !namespace.equals(claim.namespace()) && fresh(claim, EXPIRES, now))
                .map(claim -> Objects.requireNonNullElse(claim.namespace(), "another namespace"));
    }

    /**
     * Whether another operator speaks of {@code app}. One that does not see the app's cluster then leaves the app
     * alone: the other one may see it.
     */
    public boolean foreign(ReverbApp app, Instant now) {
        return Optional.ofNullable(app.getStatus())
                .map(ReverbAppStatus::operator)
                .filter(claim -> !namespace.equals(claim.namespace()) && fresh(claim, APP_EXPIRES, now))
                .isPresent();
    }

    /** The claim for the status that follows {@code last}: the one there, unless it is another's or too old. */
    public OperatorClaim after(@Nullable ReverbAppStatus last, Instant now) {
        OperatorClaim claim = last == null ? null : last.operator();
        return claim != null && namespace.equals(claim.namespace()) && fresh(claim, RENEW_APP, now) ? claim
                : new OperatorClaim(namespace, now.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /**
     * Claims {@code cluster}, which no other operator acts on. Costs a request when it was not this one's.
     *
     * @param known this operator's last claim, which caches may not know yet; empty for none
     * @return the claim for the status
     * @throws io.fabric8.kubernetes.client.KubernetesClientException with 409 when another was faster
     */
    public OperatorClaim take(ReverbCluster cluster, Optional<OperatorClaim> known, Instant now) {
        Optional<OperatorClaim> own = known
                .or(() -> claim(cluster).filter(claim -> namespace.equals(claim.namespace())));
        if (own.isPresent() && renewed(own.get()).plus(RENEW).isAfter(now)) {
            return own.get();
        }
        OperatorClaim claim = new OperatorClaim(namespace, now.truncatedTo(ChronoUnit.SECONDS).toString());
        if (own.isEmpty()) {
            Map<String, Object> patch = Map.of("metadata",
                    Map.of("resourceVersion", cluster.getMetadata().getResourceVersion()), "status",
                    Map.of("operator", claim));
            client.resources(ReverbCluster.class)
                    .inNamespace(cluster.getMetadata().getNamespace())
                    .withName(cluster.getMetadata().getName())
                    .subresource("status")
                    .patch(new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE)
                            .withFieldManager(Labels.OPERATOR)
                            .build(), Serialization.asJson(patch));
        }
        return claim;
    }

    private static Optional<OperatorClaim> claim(ReverbCluster cluster) {
        return Optional.ofNullable(cluster.getStatus()).map(status -> status.operator());
    }

    private static boolean fresh(OperatorClaim claim, Duration life, Instant now) {
        return renewed(claim).plus(life).isAfter(now);
    }

    private static Instant renewed(OperatorClaim claim) {
        try {
            return claim.renewedAt() == null ? Instant.EPOCH : Instant.parse(claim.renewedAt());
        } catch (DateTimeParseException _) {
            return Instant.EPOCH; // somebody wrote over it
        }
    }
}
