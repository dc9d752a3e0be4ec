package dev.reverb.operator.desired.server;

import dev.reverb.crd.TopologySpreadSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/** A server's pod, before {@code spec.podTemplate} is merged over it. */
final class ServerPod {
    static final String CONTAINER = "server";
    static final String TERMINATION_MESSAGE = "/dev/termination-log";
    private static final long USER = 65_532;
    private static final List<String> TOPOLOGY_KEYS = List.of("kubernetes.io/hostname", "topology.kubernetes.io/zone");

    private ServerPod() {}

    /**
     * The template.
     *
     * @param secretsDigest digest of what Secrets say that servers read only at start
     */
    static PodTemplateSpec of(ClusterPlan plan, String secretsDigest) {
        return new PodTemplateSpecBuilder().withNewMetadata()
                .withLabels(Labels.of(plan.name(), Labels.SERVER))
                .addToAnnotations(Labels.CHECKSUM, secretsDigest)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(plan.names().server())
                .withAutomountServiceAccountToken(false)
                // a Service named reverb would otherwise put REVERB_PORT into the environment
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(plan.terminationGrace().toSeconds())
                .withImagePullSecrets(plan.imagePullSecrets())
                .withTopologySpreadConstraints(topology(plan))
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withContainers(container(plan))
                .withVolumes(volumes(plan))
                .endSpec()
                .build();
    }

    private static Container container(ClusterPlan plan) {
        ContainerBuilder container = new ContainerBuilder().withName(CONTAINER)
                .withImage(plan.image())
                .withEnv(ServerEnvironment.of(plan))
                .addNewPort()
                .withName("http")
                .withContainerPort(ClusterPlan.HTTP_PORT)
                .withProtocol("TCP")
                .endPort()
                .addNewPort()
                .withName("management")
                .withContainerPort(ClusterPlan.MANAGEMENT_PORT)
                .withProtocol("TCP")
                .endPort()
                .withTerminationMessagePath(TERMINATION_MESSAGE)
                .withTerminationMessagePolicy("File")
                .withStartupProbe(probe("/livez", 1, 120))
                .withLivenessProbe(probe("/livez", 10, 6))
                .withReadinessProbe(probe("/readyz", 2, 2))
                .withNewResources()
                .addToRequests("cpu", new Quantity("100m"))
                .addToRequests("memory", new Quantity("256Mi"))
                .endResources()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withVolumeMounts(mounts(plan));
        if (plan.apiApart()) {
            container.addNewPort()
                    .withName("api")
                    .withContainerPort(ClusterPlan.API_PORT)
                    .withProtocol("TCP")
                    .endPort();
        }
        if (plan.spec().imagePullPolicy() != null) {
            container.withImagePullPolicy(plan.spec().imagePullPolicy().value());
        }
        if (plan.endpointGrace().toSeconds() > 0) {
            // still serving while the endpoints drop this pod: Kubernetes sleeps, the image needs no shell
            container.withNewLifecycle()
                    .withNewPreStop()
                    .withNewSleep(plan.endpointGrace().toSeconds())
                    .endPreStop()
                    .endLifecycle();
        }
        return container.build();
    }

    private static Probe probe(String path, int period, int failures) {
        return new ProbeBuilder().withNewHttpGet()
                .withPath(path)
                .withNewPort("management")
                .withScheme("HTTP")
                .endHttpGet()
                .withPeriodSeconds(period)
                .withTimeoutSeconds(3)
                .withFailureThreshold(failures)
                .withSuccessThreshold(1)
                .build();
    }

    private static List<VolumeMount> mounts(ClusterPlan plan) {
        List<VolumeMount> mounts = new ArrayList<>();
        // folders, never subPath: a mounted file would keep its first content for ever
        mounts.add(mount("config", ServerEnvironment.CONFIG_MOUNT, true));
        mounts.add(mount("tmp", "/tmp", false));
        if (plan.tlsSecret().isPresent()) {
            mounts.add(mount("tls", ServerEnvironment.TLS_MOUNT, true));
        }
        return mounts;
    }

    private static VolumeMount mount(String name, String path, boolean readOnly) {
        return new VolumeMountBuilder().withName(name).withMountPath(path).withReadOnly(readOnly ? true : null).build();
    }

    private static List<Volume> volumes(ClusterPlan plan) {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(secret("config", plan.names().config()).build());
        volumes.add(new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir().build());
        plan.tlsSecret().ifPresent(name -> volumes.add(secret("tls", name).build()));
        return volumes;
    }

    private static VolumeBuilder secret(String volume, String name) {
        return new VolumeBuilder().withName(volume)
                .withNewSecret()
                .withSecretName(name)
                .withDefaultMode(0440)
                .endSecret();
    }

    private static List<TopologySpreadConstraint> topology(ClusterPlan plan) {
        TopologySpreadSpec spread = plan.spec().topologySpread();
        if (spread != null && Boolean.FALSE.equals(spread.enabled())) {
            return List.of();
        }
        List<String> keys = spread == null || spread.topologyKeys() == null ? TOPOLOGY_KEYS : spread.topologyKeys();
        String otherwise = spread == null || spread.whenUnsatisfiable() == null ? "ScheduleAnyway"
                : spread.whenUnsatisfiable().value();
        return keys.stream()
                .map(key -> new TopologySpreadConstraintBuilder().withMaxSkew(1)
                        .withTopologyKey(key)
                        .withWhenUnsatisfiable(otherwise)
                        .withNewLabelSelector()
                        .withMatchLabels(Labels.selector(plan.name(), Labels.SERVER))
                        .endLabelSelector()
                        .build())
                .toList();
    }
}
