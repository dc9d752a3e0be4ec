package dev.reverb.operator.report;

import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records actions as Kubernetes Events. The same Event within ten minutes raises a count and makes no second object. A
 * failed write is logged and otherwise ignored. Costs one request; any thread.
 */
public final class EventRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final int REMEMBERED = 2_000;

    private final KubernetesClient client;
    private final ConditionMeters meters;
    private final Clock clock;
    private final Map<String, Series> series = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Series> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Series(int count, Instant first) {}

    /** Writes Events through {@code client}, with times of {@code clock}; {@code meters} count some. */
    public EventRecorder(KubernetesClient client, ConditionMeters meters, Clock clock) {
        this.client = client;
        this.meters = meters;
        this.clock = clock;
    }

    /** Records {@code reason} for {@code subject}, as an Event in its namespace and as a log line. */
    public void record(HasMetadata subject, EventReason reason, String message) {
        meters.recorded(reason);
        String namespace = subject.getMetadata().getNamespace();
        LOG.info("{} {}/{}: {}: {}", subject.getKind(), namespace, subject.getMetadata().getName(), reason, message);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        String identity = subject.getMetadata().getUid() + reason + message;
        String name = subject.getMetadata().getName() + "." + Digest.of(identity + now.getEpochSecond() / 600);
        Series repeated;
        synchronized (series) {
            repeated = series.merge(name, new Series(1, now), (old, _) -> new Series(old.count() + 1, old.first()));
        }
        try {
            client.v1()
                    .events()
                    .inNamespace(namespace)
                    .resource(event(subject, reason, message, name, repeated, now))
                    .fieldManager(Labels.OPERATOR)
                    .forceConflicts()
                    .serverSideApply();
        } catch (KubernetesClientException e) {
            LOG.warn("cannot write the Event {} of {}/{}: {}", reason, namespace, subject.getMetadata().getName(),
                    e.getMessage());
        }
    }

    private static Event event(HasMetadata subject, EventReason reason, String message, String name, Series series,
            Instant now) {
        return new EventBuilder().withNewMetadata()
                .withNamespace(subject.getMetadata().getNamespace())
                .withName(name)
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(subject.getApiVersion())
                .withKind(subject.getKind())
                .withName(subject.getMetadata().getName())
                .withNamespace(subject.getMetadata().getNamespace())
                .withUid(subject.getMetadata().getUid())
                .endInvolvedObject()
                .withReason(reason.name())
                .withType(reason.type())
                .withMessage(message.length() > 1000 ? message.substring(0, 1000) : message)
                .withCount(series.count())
                .withFirstTimestamp(series.first().toString())
                .withLastTimestamp(now.toString())
                .withNewSource()
                .withComponent(Labels.OPERATOR)
                .endSource()
                .build();
    }
}
