package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a cluster is. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ReverbClusterStatus(
        @JsonPropertyDescription("The generation of the spec that this speaks of.")
        @Nullable Long observedGeneration,

        @JsonPropertyDescription("How many servers exist.")
        @StatusReplicas
        @Nullable Integer replicas,

        @JsonPropertyDescription("How many of them are ready.")
        @Nullable Integer readyReplicas,

        @JsonPropertyDescription("Selects the servers' pods, for autoscalers.")
        @LabelSelector
        @Nullable String selector,

        @JsonPropertyDescription("Connections over all servers.")
        @Nullable Long connections,

        @JsonPropertyDescription("Where clients connect to.")
        @Nullable String url,

        @JsonPropertyDescription("The version that the servers run: their image's tag.")
        @Nullable String version,

        @JsonPropertyDescription("The applications with their Secrets.")
        @Nullable List<AppStatus> apps,

        @JsonPropertyDescription("The operator that acts on it.")
        @Nullable OperatorClaim operator,

        @JsonPropertyDescription("Ready, Progressing, RedisReachable, Degraded, Paused.")
        @Nullable List<Condition> conditions) {
    /** The same, acted on by {@code claim}. */
    public ReverbClusterStatus actedOnBy(@Nullable OperatorClaim claim) {
        return new ReverbClusterStatus(observedGeneration, replicas, readyReplicas, selector, connections, url, version,
                apps, claim, conditions);
    }
}
// @formatter:on
