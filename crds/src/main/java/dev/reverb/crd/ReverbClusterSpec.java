package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a cluster shall be. Everything may be absent. */
// @formatter:off
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.ingress) || !has(self.gateway)",
        message = "write either spec.ingress or spec.gateway: each of them would publish the cluster under its own URL")
public record ReverbClusterSpec(
        @JsonPropertyDescription("The server's image; by default the one that the operator was installed with.")
        @Size(min = 1, max = 512)
        @ValidationRule(value = Cel.IMAGE, message = Cel.IMAGE_MESSAGE)
        @Nullable String image,

        @JsonPropertyDescription("When the server's image is pulled; by default as Kubernetes decides from the tag.")
        @Nullable PullPolicy imagePullPolicy,

        @JsonPropertyDescription("Secrets to pull images with, for the servers and the managed Redis.")
        @Size(max = 16)
        @Nullable List<NameRef> imagePullSecrets,

        @JsonPropertyDescription("How many servers run. Leave it out when an autoscaler decides.")
        @SpecReplicas
        @Default("2")
        @Min(0)
        @Max(1000)
        @Nullable Integer replicas,

        @JsonPropertyDescription("The applications; by default one with the id app and generated credentials.")
        @Size(max = 200)
        @ValidationRule(
                value = "self.all(a, !has(a.credentialsSecret) || self.exists_one(b, has(b.credentialsSecret) && "
                        + "b.credentialsSecret == a.credentialsSecret))",
                message = "two apps name one credentialsSecret and would have one key: give each a Secret of its own")
        @Nullable List<AppSpec> apps,

        @JsonPropertyDescription(
                "Namespaces from which a ReverbApp may attach to this cluster, * for all; the cluster's own "
                        + "namespace always may.")
        @Size(max = 200)
        @ValidationRule(
                value = "self.all(n, n == '*' || n.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'))",
                message = "write namespaces, of lower-case letters, digits and hyphens, or * for all")
        @Nullable List<String> appNamespaces,

        @JsonPropertyDescription("What the servers share their state through; by default a managed Redis.")
        @Nullable RedisSpec redis,

        @JsonPropertyDescription("Publishes the cluster by an Ingress.")
        @Nullable IngressSpec ingress,

        @JsonPropertyDescription("Publishes the cluster by an HTTPRoute, where the Gateway API is installed.")
        @Nullable GatewaySpec gateway,

        @JsonPropertyDescription(
                "The HTTP API, /apps, on a port and a Service of its own, NAME-api, which back ends in this "
                        + "Kubernetes use; Ingress or HTTPRoute then publish /app alone.")
        @Nullable ApiSpec api,

        @JsonPropertyDescription("TLS ended by the servers themselves.")
        @Nullable TlsSpec tls,

        @JsonPropertyDescription("Scaling on connections per pod; leave spec.replicas out with it.")
        @Nullable AutoscalingSpec autoscaling,

        @JsonPropertyDescription("How connections are closed when a server stops.")
        @Nullable DrainSpec drain,

        @JsonPropertyDescription("How a new revision reaches the servers.")
        @Nullable RolloutSpec rollout,

        @JsonPropertyDescription(
                "Moves connections off servers that hold far more than their share once another one has joined.")
        @Nullable RebalanceSpec rebalance,

        @JsonPropertyDescription("What one server accepts.")
        @Nullable LimitsSpec limits,

        @JsonPropertyDescription("What servers do with requests.")
        @Nullable ServerSpec server,

        @JsonPropertyDescription("How webhooks of all applications are delivered; their addresses stand in the apps.")
        @Nullable WebhookDeliverySpec webhooks,

        @JsonPropertyDescription("How servers share their state through Redis.")
        @Nullable ScalingSpec scaling,

        @JsonPropertyDescription("What servers log.")
        @Nullable LogSpec log,

        @JsonPropertyDescription("A PodDisruptionBudget; on by default from two replicas up.")
        @Nullable DisruptionBudgetSpec disruptionBudget,

        @JsonPropertyDescription("Spreads servers over nodes and zones; on by default.")
        @Nullable TopologySpreadSpec topologySpread,

        @JsonPropertyDescription("NetworkPolicies for servers and the managed Redis; on by default.")
        @Nullable SwitchSpec networkPolicy,

        @JsonPropertyDescription("What monitoring gets, where its resource kinds are installed.")
        @Nullable MonitoringSpec monitoring,

        @JsonPropertyDescription(
                "Merged strategically over the servers' pod template: metadata.labels, metadata.annotations and "
                        + "any field of a pod's spec. The server's container is named server.")
        @Nullable JsonNode podTemplate,

        @JsonPropertyDescription(
                "Which ids a ReverbApp of another namespace may ask for: namespaced (default) for ids that begin with "
                        + "its "
                        + "namespace and a dot, any for every id without another namespace before a dot.")
        @Nullable AppIds appIds,

        @JsonPropertyDescription(
                "What becomes of the generated Secrets of spec.apps when the cluster is deleted: retain (default), so "
                        + "that a cluster of the same name has the same keys, or delete.")
        @Nullable CredentialRetention credentialsOnDelete) {
    // @formatter:on
    /** A spec in which everything is absent but the schema's own default of two replicas. */
    public static ReverbClusterSpec empty() {
        return new ReverbClusterSpec(null, null, null, 2, null, null, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null, null, null, null, null, null, null, null);
    }
}
