package dev.reverb.operator.desired.redis;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.crd.RedisFlavor;
import dev.reverb.crd.StorageRetention;
import dev.reverb.crd.StorageSpec;
import dev.reverb.operator.desired.PodTemplatePatch;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The managed Redis: one pod, with an append-only file where there is a volume for it. */
public final class RedisStatefulSet {
    private static final long REDIS_USER = 999;
    private static final String DATA = "data";
    /**
     * Ready is what answers and has read its file. An answer that the password is another one is an answer. The
     * passwords that are accepted are set each time, so that they follow the mounted Secret without a restart; setting
     * what is set already changes nothing, and clients that are connected stay so.
     */
    private static final String ANSWERS = "cd " + RedisSecret.MOUNT
            + "; answer=$(printf 'ACL SETUSER default %%s\\nPING\\n'" + " \"$(cat " + RedisSecret.RULE
            + ")\" | REDISCLI_AUTH=\"$(cat " + RedisSecret.CONTROL + ")\" %s --no-auth-warning --user "
            + RedisAccess.CONTROL_USER
            + " 2>&1); case \"$answer\" in *PONG*|*NOAUTH*|*WRONGPASS*) exit 0;; *) echo \"$answer\"; exit 1;; esac";

    private RedisStatefulSet() {}

    /** Whether the append-only file is on: there is a volume, or there will be. */
    public static boolean durable(ManagedRedisSpec redis, RedisFacts facts) {
        return facts.claims().map(claims -> !claims.isEmpty()).orElseGet(() -> wantsVolume(redis, facts));
    }

    private static boolean wantsVolume(ManagedRedisSpec redis, RedisFacts facts) {
        StorageSpec storage = redis.storage();
        if (storage != null && storage.enabled() != null) {
            return storage.enabled();
        }
        return facts.defaultStorageClass() || (storage != null && storage.className() != null);
    }

    /** The StatefulSet. */
    public static StatefulSet of(ClusterPlan plan, ManagedRedisSpec redis, RedisFacts facts) {
        boolean durable = durable(redis, facts);
        List<PersistentVolumeClaim> claims = facts.claims()
                .orElseGet(() -> durable ? List.of(claim(redis.storage())) : List.of());
        return new StatefulSetBuilder().withMetadata(plan.owned(plan.names().redis(), Labels.REDIS))
                .withNewSpec()
                .withReplicas(1)
                .withServiceName(plan.names().redis())
                .withNewSelector()
                .withMatchLabels(Labels.selector(plan.name(), Labels.REDIS))
                .endSelector()
                .withNewPersistentVolumeClaimRetentionPolicy(retention(redis.storage()), "Retain")
                .withVolumeClaimTemplates(claims)
                .withTemplate(template(plan, redis, durable))
                .endSpec()
                .build();
    }

    /**
     * The pod template, with {@code spec.redis.managed.podTemplate} merged over it.
     *
     * @throws IllegalArgumentException when that is no pod template, naming the field
     */
    public static PodTemplateSpec template(ClusterPlan plan, ManagedRedisSpec redis, boolean durable) {
        return PodTemplatePatch.apply(
                new PodTemplateSpecBuilder().withNewMetadata()
                        .withLabels(Labels.of(plan.name(), Labels.REDIS))
                        .addToAnnotations(Labels.CHECKSUM, Digest.of(RedisSecret.configuration(redis, durable)))
                        .endMetadata()
                        .withNewSpec()
                        .withEnableServiceLinks(false)
                        .withAutomountServiceAccountToken(false)
                        .withTerminationGracePeriodSeconds(30L)
                        .withImagePullSecrets(plan.imagePullSecrets())
                        .withNewSecurityContext()
                        .withRunAsNonRoot(true)
                        .withRunAsUser(REDIS_USER)
                        .withRunAsGroup(REDIS_USER)
                        .withFsGroup(REDIS_USER)
                        .withNewSeccompProfile()
                        .withType("RuntimeDefault")
                        .endSeccompProfile()
                        .endSecurityContext()
                        .withContainers(container(plan, redis))
                        .withVolumes(volumes(plan, durable))
                        .endSpec()
                        .build(),
                redis.podTemplate(), "spec.redis.managed.podTemplate", Labels.selector(plan.name(), Labels.REDIS));
    }

    private static String retention(@Nullable StorageSpec storage) {
        return storage != null && storage.onDelete() == StorageRetention.DELETE ? "Delete" : "Retain";
    }

    private static Container container(ClusterPlan plan, ManagedRedisSpec redis) {
        String program = redis.flavor() == RedisFlavor.VALKEY ? "valkey-server" : "redis-server";
        return new ContainerBuilder().withName("redis")
                .withImage(plan.redisImage(redis))
                .withCommand(program)
                .withArgs(RedisSecret.MOUNT + "/" + RedisSecret.CONFIGURATION)
                .addNewPort()
                .withName("redis")
                .withContainerPort(RedisService.PORT)
                .withProtocol("TCP")
                .endPort()
                .withResources(resources(redis))
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withNewReadinessProbe()
                .withNewExec()
                .withCommand("sh", "-c", ANSWERS.formatted(program.replace("-server", "-cli")))
                .endExec()
                .withPeriodSeconds(2)
                .withTimeoutSeconds(5)
                .endReadinessProbe()
                .withNewLivenessProbe()
                .withNewTcpSocket()
                .withNewPort("redis")
                .endTcpSocket()
                .withInitialDelaySeconds(10)
                .withPeriodSeconds(10)
                .withTimeoutSeconds(5)
                .withFailureThreshold(6)
                .endLivenessProbe()
                .addNewVolumeMount()
                .withName(DATA)
                .withMountPath("/data")
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("config")
                .withMountPath(RedisSecret.MOUNT)
                .withReadOnly(true)
                .endVolumeMount()
                .build();
    }

    /** What is written, or what keeps the pod from being the first to be evicted. */
    private static ResourceRequirements resources(ManagedRedisSpec redis) {
        if (redis.resources() != null) {
            return redis.resources();
        }
        return new ResourceRequirementsBuilder().addToRequests("cpu", new Quantity("50m"))
                .addToRequests("memory", new Quantity("64Mi"))
                .build();
    }

    private static List<Volume> volumes(ClusterPlan plan, boolean durable) {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(new VolumeBuilder().withName("config")
                .withNewSecret()
                .withSecretName(plan.names().redis())
                .withDefaultMode(0440)
                .endSecret()
                .build());
        if (!durable) {
            volumes.add(new VolumeBuilder().withName(DATA).withNewEmptyDir().endEmptyDir().build());
        }
        return volumes;
    }

    private static PersistentVolumeClaim claim(@Nullable StorageSpec storage) {
        Quantity size = storage == null || storage.size() == null ? new Quantity("1Gi") : storage.size();
        return new PersistentVolumeClaimBuilder().withNewMetadata()
                .withName(DATA)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withVolumeMode("Filesystem")
                .withStorageClassName(storage == null ? null : storage.className())
                .withNewResources()
                .addToRequests("storage", size)
                .endResources()
                .endSpec()
                .build();
    }
}
