package dev.reverb.operator.act;

import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.observe.SecretLookup;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Durations;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.report.EventReason;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The life of an application's generated Secret: made once, restored from what is in force when it is lost, adopted
 * when it was retained, rotated when somebody asks. What exists is never replaced otherwise. Any thread; a call costs
 * no request while the Secret is cached and nothing is due.
 */
public final class GeneratedSecret {
    private static final Duration OVERLAP = Duration.ofDays(1);

    private final KubernetesClient client;
    private final SecretLookup secrets;

    /** Reads by {@code secrets} and writes by {@code client}. */
    public GeneratedSecret(KubernetesClient client, SecretLookup secrets) {
        this.client = client;
        this.secrets = secrets;
    }

    /**
     * What is wanted.
     *
     * @param address the Secret without credentials
     * @param ownerUid uid of the resource that it is for
     * @param ownerAnnotations of that resource, which may ask for a rotation
     * @param inForce the credentials that the servers use for this application now, if any
     * @param now the time
     */
    public record Request(
            Secret address,
            String ownerUid,
            @Nullable Map<String, String> ownerAnnotations,
            Optional<Credentials> inForce,
            Instant now) {}

    /**
     * The Secret, made now or earlier.
     *
     * @param events takes what was done
     * @throws Applier.NotOurs when somebody else's Secret has the name
     */
    public Secret ensure(Request request, BiConsumer<EventReason, String> events) {
        ObjectMeta wanted = request.address().getMetadata();
        Optional<Secret> known = secrets.find(wanted.getNamespace(), wanted.getName())
                // a cache that is behind would make a second pair of credentials
                .or(() -> secrets.fresh(wanted.getNamespace(), wanted.getName()));
        if (known.isEmpty()) {
            Secret created = create(request, events);
            if (created != null) {
                return created;
            }
            known = secrets.fresh(wanted.getNamespace(), wanted.getName());
        }
        Secret secret = known.filter(found -> ours(found, request))
                .orElseThrow(() -> new Applier.NotOurs(request.address()));
        return rotate(release(secret, request), request, events);
    }

    private @Nullable Secret create(Request request, BiConsumer<EventReason, String> events) {
        Secret secret = AppSecret.created(request.address(), request.inForce().orElseGet(Credentials::generate));
        Set<String> triggers = triggers(request, secret);
        if (!triggers.isEmpty()) {
            // an annotation that was there before the Secret asks for nothing more
            secret.getMetadata().setAnnotations(new HashMap<>(Map.of(Labels.ROTATED, String.join(",", triggers))));
        }
        try {
            Secret created = client.resource(secret).create();
            String name = created.getMetadata().getName();
            if (request.inForce().isPresent()) {
                events.accept(EventReason.SecretRestored, "the Secret " + name
                        + " was gone: wrote it again with the key and secret that the servers use");
            } else {
                events.accept(EventReason.SecretGenerated, "generated credentials in the Secret " + name);
            }
            return created;
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                throw e;
            }
            return null; // made meanwhile, by whomever
        }
    }

    private static boolean ours(Secret secret, Request request) {
        return ours(secret, request.address().getMetadata(), request.ownerUid());
    }

    /**
     * Whether {@code secret} is the owner's, or was retained for one of its name.
     *
     * @param wanted what the Secret's metadata are when it is the owner's
     * @param ownerUid uid of the resource that it is for
     */
    public static boolean ours(Secret secret, ObjectMeta wanted, String ownerUid) {
        Optional<OwnerReference> controller = secret.getMetadata()
                .getOwnerReferences()
                .stream()
                .filter(reference -> Boolean.TRUE.equals(reference.getController()))
                .findFirst();
        if (controller.isPresent()) {
            return controller.get().getUid().equals(ownerUid);
        }
        Map<String, String> labels = Objects.requireNonNullElse(secret.getMetadata().getLabels(), Map.of());
        return Stream.of(Labels.MANAGED_BY, Labels.CLUSTER, Labels.APP)
                .allMatch(label -> Objects.equals(labels.get(label), wanted.getLabels().get(label)));
    }

    /** Takes the owner's reference off a Secret that is to be retained: what made it wrote it with another manager. */
    private Secret release(Secret secret, Request request) {
        List<OwnerReference> others = secret.getMetadata()
                .getOwnerReferences()
                .stream()
                .filter(reference -> !reference.getUid().equals(request.ownerUid()))
                .toList();
        boolean retain = request.address().getMetadata().getOwnerReferences().isEmpty();
        if (!retain || others.size() == secret.getMetadata().getOwnerReferences().size()) {
            return secret;
        }
        Map<String, Object> patch = Map.of("metadata",
                Map.of("resourceVersion", secret.getMetadata().getResourceVersion(), "ownerReferences", others));
        return client.resource(secret).patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
    }

    private Secret rotate(Secret secret, Request request, BiConsumer<EventReason, String> events) {
        Map<String, String> annotations = annotations(secret);
        Optional<Credentials> current = Credentials.read(secret.getData());
        Set<String> triggers = triggers(request, secret);
        Set<String> done = new LinkedHashSet<>(Arrays.asList(annotations.getOrDefault(Labels.ROTATED, "").split(",")));
        String name = secret.getMetadata().getName();
        if (current.isPresent() && !done.containsAll(triggers)) {
            Instant at = request.now().truncatedTo(ChronoUnit.SECONDS);
            Instant until = at.plus(overlap(request, annotations));
            List<String> previous = new ArrayList<>(List.of(current.get().secret()));
            current.get().previousSecrets().stream().filter(old -> !previous.contains(old)).forEach(previous::add);
            Secret rotated = patch(secret,
                    Map.of(Credentials.SECRET, Credentials.encode(Credentials.generate().secret()),
                            Credentials.PREVIOUS_SECRETS, Credentials.encode(String.join(",", previous))),
                    Map.of(Labels.ROTATED, String.join(",", triggers), Labels.ROTATED_AT, at.toString(),
                            Labels.PREVIOUS_UNTIL, until.toString()));
            events.accept(EventReason.SecretRotated,
                    "made a new secret in the Secret " + name + "; the old one is accepted until " + until);
            return rotated;
        }
        Optional<Instant> until = instant(annotations.get(Labels.PREVIOUS_UNTIL));
        if (until.isPresent() && !request.now().isBefore(until.get())) {
            Map<String, @Nullable String> gone = new HashMap<>();
            gone.put(Credentials.PREVIOUS_SECRETS, null);
            Map<String, @Nullable String> note = new HashMap<>();
            note.put(Labels.PREVIOUS_UNTIL, null);
            Secret ended = patch(secret, gone, note);
            events.accept(EventReason.SecretRotated,
                    "the previous secret of the Secret " + name + " is no longer accepted");
            return ended;
        }
        return secret;
    }

    /**
     * Merges {@code data} and {@code annotations}; a null value removes its key. Fails with 409 when it was changed.
     */
    private Secret patch(Secret secret, Map<String, @Nullable String> data, Map<String, @Nullable String> annotations) {
        Map<String, Object> patch = Map.of("metadata",
                Map.of("resourceVersion", secret.getMetadata().getResourceVersion(), "annotations", annotations),
                "data", data);
        return client.resource(secret).patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
    }

    private static Set<String> triggers(Request request, Secret secret) {
        Set<String> triggers = new LinkedHashSet<>();
        Stream.of(Optional.ofNullable(request.ownerAnnotations()).orElse(Map.of()), annotations(secret))
                .map(annotations -> annotations.get(Labels.ROTATE))
                .filter(value -> value != null && !value.isBlank())
                .map(value -> value.strip().replace(',', ';'))
                .forEach(triggers::add);
        return triggers;
    }

    private static Duration overlap(Request request, Map<String, String> annotations) {
        String text = annotations.get(Labels.ROTATE_OVERLAP);
        if (text == null && request.ownerAnnotations() != null) {
            text = request.ownerAnnotations().get(Labels.ROTATE_OVERLAP);
        }
        return text == null || !text.matches("([0-9]{1,6}(h|m|s))+") ? OVERLAP : Durations.of(text, OVERLAP);
    }

    private static Map<String, String> annotations(Secret secret) {
        return Objects.requireNonNullElse(secret.getMetadata().getAnnotations(), Map.of());
    }

    /** The time {@code text}; empty when it is none. */
    public static Optional<Instant> instant(@Nullable String text) {
        try {
            return text == null ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException _) {
            return Optional.empty(); // somebody wrote over it: the previous secret stays until the next rotation
        }
    }
}
