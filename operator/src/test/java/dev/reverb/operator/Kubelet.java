package dev.reverb.operator;

import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plays the StatefulSet controller and the kubelet for one cluster, in the steps that a test asks for: revisions,
 * partition, pods and their readiness, by the rules of the real ones.
 */
public final class Kubelet implements AutoCloseable {
    private final KubernetesClient client = ApiServer.client();
    private final String namespace;
    private final String name;
    private final Map<String, PodTemplateSpec> templates = new HashMap<>();
    private @Nullable String currentRevision;
    private @Nullable Thread thread;
    private volatile boolean running;
    private volatile int leastReady = Integer.MAX_VALUE;
    private volatile int mostPods;
    /** What the pods' management ports answer. */
    public final PlayedServers played;

    /** Images that no pod gets to run, with the reason that the kubelet gives. */
    public final Map<String, String> failingImages = new ConcurrentHashMap<>();
    /** Images whose servers get ready and fail again, over and over. */
    public final Set<String> flappingImages = ConcurrentHashMap.newKeySet();
    /** Priority classes that admission refuses: pods that name one cannot be created. */
    public final Set<String> missingPriorities = ConcurrentHashMap.newKeySet();
    /** Whether the controller leaves pods alone that are not ready, as with MaxUnavailableStatefulSet on. */
    public volatile boolean sparesUnready;
    private final String cluster;
    private final String component;

    public Kubelet(String namespace, String name) {
        this(namespace, name, name, Labels.SERVER);
    }

    private Kubelet(String namespace, String name, String cluster, String component) {
        this.namespace = namespace;
        this.name = name;
        this.cluster = cluster;
        this.component = component;
        played = new PlayedServers(namespace, cluster);
    }

    /** The one that plays for the managed Redis of {@code cluster}, whose StatefulSet is OrderedReady. */
    public static Kubelet redis(String namespace, String cluster) {
        Kubelet redis = new Kubelet(namespace, cluster + "-redis", cluster, Labels.REDIS);
        redis.sparesUnready = true;
        return redis;
    }

    public StatefulSet servers() {
        return ApiServer.await("the servers' StatefulSet exists",
                () -> client.apps().statefulSets().inNamespace(namespace).withName(name).get());
    }

    public List<Pod> pods() {
        return client.pods().inNamespace(namespace).withLabels(Labels.selector(cluster, component)).list().getItems();
    }

    /**
     * One pass: pods that are too many or of an old revision from the partition up go, one at a time and only while
     * the others are ready; what is missing comes. New pods are not ready.
     */
    public void pass() {
        StatefulSet set = servers();
        String template = Serialization.asJson(set.getSpec().getTemplate());
        String update = name + "-" + Integer.toHexString(template.hashCode());
        templates.put(update, set.getSpec().getTemplate());
        if (currentRevision == null) {
            currentRevision = update;
        }
        int replicas = set.getSpec().getReplicas();
        Integer written = set.getSpec().getUpdateStrategy().getRollingUpdate().getPartition();
        int partition = written == null ? 0 : written;
        List<Pod> pods = pods();
        for (Pod pod : pods) {
            if (ordinal(pod) >= replicas) {
                delete(pod);
            }
        }
        boolean healthy = pods.stream().allMatch(Kubelet::ready);
        for (int ordinal = replicas - 1; ordinal >= 0; ordinal--) {
            Pod pod = pod(ordinal);
            if (pod == null) {
                create(set, ordinal, ordinal >= partition ? update : currentRevision);
            } else if (ordinal >= partition && !update.equals(revision(pod))
                    && (healthy || (!ready(pod) && !sparesUnready))) {
                delete(pod);
                break;
            }
        }
        List<Pod> now = pods();
        boolean done = now.size() == replicas && now.stream().allMatch(p -> ready(p) && update.equals(revision(p)));
        if (done) {
            currentRevision = update;
        }
        int ready = (int) now.stream().filter(Kubelet::ready).count();
        String current = currentRevision;
        insist(() -> client.apps().statefulSets().inNamespace(namespace).withName(name).editStatus(s -> {
            s.setStatus(new StatefulSetStatusBuilder().withObservedGeneration(set.getMetadata().getGeneration())
                    .withReplicas(now.size())
                    .withReadyReplicas(ready)
                    .withCurrentRevision(current)
                    .withUpdateRevision(update)
                    .build());
            return s;
        }));
    }

    /** Plays on by itself, every pod ready a moment after it was made, until it is closed. */
    public Kubelet run() {
        running = true;
        thread = Thread.ofVirtual().start(() -> {
            while (running) {
                try {
                    if (client.apps().statefulSets().inNamespace(namespace).withName(name).get() == null) {
                        LockSupport.parkNanos(100_000_000);
                        continue;
                    }
                    pass();
                    Set<String> fallen = fall();
                    pods().stream()
                            .filter(pod -> !fallen.contains(pod.getMetadata().getName()) && !ready(pod)
                                    && pod.getMetadata().getDeletionTimestamp() == null)
                            .forEach(this::start);
                } catch (KubernetesClientException e) {
                    if (e.getCode() != 404 && e.getCode() != 409) {
                        throw e; // somebody was faster
                    }
                }
                int ready = (int) pods().stream().filter(Kubelet::ready).count();
                leastReady = Math.min(leastReady, ready);
                mostPods = Math.max(mostPods, pods().size());
                LockSupport.parkNanos(100_000_000);
            }
        });
        return this;
    }

    /** Begins to count {@link #leastReady()} and {@link #mostPods()} again. */
    public void count() {
        leastReady = Integer.MAX_VALUE;
        mostPods = 0;
    }

    public int leastReady() {
        return leastReady;
    }

    public int mostPods() {
        return mostPods;
    }

    @Override
    public void close() {
        running = false;
        Thread playing = thread;
        if (playing != null) {
            try {
                playing.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Servers of a flapping image that are ready fail. */
    private Set<String> fall() {
        return pods().stream()
                .filter(pod -> ready(pod) && pod.getMetadata().getDeletionTimestamp() == null
                        && flappingImages.contains(pod.getSpec().getContainers().getFirst().getImage()))
                .peek(pod -> ready(pod, false))
                .map(pod -> pod.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    /** Makes every pod ready. */
    public void ready() {
        pods().stream()
                .filter(pod -> !ready(pod) && pod.getMetadata().getDeletionTimestamp() == null)
                .forEach(this::start);
    }

    private void start(Pod pod) {
        String image = pod.getSpec().getContainers().getFirst().getImage();
        String failure = failingImages.get(image);
        if (failure == null) {
            ready(pod, true);
            return;
        }
        insist(() -> client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .editStatus(p -> new PodBuilder(p).editOrNewStatus()
                        .withPhase("Pending")
                        .withContainerStatuses(new ContainerStatusBuilder().withName("server")
                                .withImage(image)
                                .withImageID("")
                                .withReady(false)
                                .withRestartCount(0)
                                .withNewState()
                                .withNewWaiting()
                                .withReason(failure)
                                .withMessage("Back-off pulling image " + image)
                                .endWaiting()
                                .endState()
                                .build())
                        .endStatus()
                        .build()));
    }

    private boolean refused(StatefulSet set) {
        String priority = set.getSpec().getTemplate().getSpec().getPriorityClassName();
        if (priority == null || !missingPriorities.contains(priority)) {
            return false;
        }
        Event event = new EventBuilder().withNewMetadata()
                .withName(name + ".failed-create")
                .withNamespace(namespace)
                .endMetadata()
                .withNewInvolvedObject()
                .withKind("StatefulSet")
                .withName(name)
                .withNamespace(namespace)
                .withUid(set.getMetadata().getUid())
                .endInvolvedObject()
                .withReason("FailedCreate")
                .withType("Warning")
                .withMessage("no PriorityClass with name " + priority + " was found")
                .withLastTimestamp(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
        client.resource(event).serverSideApply();
        return true;
    }

    public void ready(Pod pod, boolean ready) {
        insist(() -> client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .editStatus(p -> new PodBuilder(p).editOrNewStatus()
                        .withPhase("Running")
                        .withPodIP(played.address(ordinal(pod)))
                        .withPodIPs(new PodIP(played.address(ordinal(pod))))
                        .withConditions(new PodConditionBuilder().withType("Ready")
                                .withStatus(ready ? "True" : "False")
                                .withLastTransitionTime(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                                .build())
                        .endStatus()
                        .build()));
    }

    public @Nullable Pod pod(int ordinal) {
        return client.pods().inNamespace(namespace).withName(name + "-" + ordinal).get();
    }

    public void delete(Pod pod) {
        client.resource(pod).withGracePeriod(0).delete();
    }

    public static String revision(Pod pod) {
        return pod.getMetadata().getLabels().getOrDefault("controller-revision-hash", "");
    }

    public static boolean ready(Pod pod) {
        return pod.getStatus() != null && pod.getStatus()
                .getConditions()
                .stream()
                .anyMatch(condition -> condition.getType().equals("Ready") && condition.getStatus().equals("True"));
    }

    /** The operator writes the same objects; the real ones try again too. */
    private static void insist(Runnable write) {
        while (true) {
            try {
                write.run();
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }

    private static int ordinal(Pod pod) {
        String podName = pod.getMetadata().getName();
        return Integer.parseInt(podName.substring(podName.lastIndexOf('-') + 1));
    }

    private void create(StatefulSet set, int ordinal, String revision) {
        PodTemplateSpec template = Objects.requireNonNull(templates.get(revision));
        StatefulSet asked = new StatefulSetBuilder(set).editSpec().withTemplate(template).endSpec().build();
        if (refused(asked)) {
            return;
        }
        // no admission makes service accounts or tolerations here, so that a pod needs no more than its spec
        client.resource(new PodBuilder().withNewMetadata()
                .withNamespace(namespace)
                .withName(name + "-" + ordinal)
                .withLabels(template.getMetadata().getLabels())
                .addToLabels("controller-revision-hash", revision)
                .addNewOwnerReference()
                .withApiVersion("apps/v1")
                .withKind("StatefulSet")
                .withName(name)
                .withUid(set.getMetadata().getUid())
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withSpec(claimed(set, ordinal, ported(template.getSpec())))
                .build()).create();
    }

    /** With a volume for each claim of the StatefulSet. */
    private PodSpec claimed(StatefulSet set, int ordinal, PodSpec spec) {
        PodSpecBuilder builder = new PodSpecBuilder(spec);
        set.getSpec()
                .getVolumeClaimTemplates()
                .stream()
                .map(claim -> claim.getMetadata().getName())
                .forEach(claim -> builder.addNewVolume()
                        .withName(claim)
                        .withNewPersistentVolumeClaim()
                        .withClaimName(claim + "-" + name + "-" + ordinal)
                        .endPersistentVolumeClaim()
                        .endVolume());
        return builder.build();
    }

    private PodSpec ported(PodSpec spec) {
        if (component.equals(Labels.REDIS)) {
            return spec;
        }
        return new PodSpecBuilder(spec).editFirstContainer()
                .editMatchingPort(port -> "management".equals(port.getName()))
                .withContainerPort(PlayedServers.port())
                .endPort()
                .endContainer()
                .build();
    }
}
