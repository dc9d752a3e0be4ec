package dev.reverb.operator.report.app;

import dev.reverb.crd.AppStatus;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a cluster's status says of an application's Secret. Pure. */
public final class AppSecretStatus {
    private AppSecretStatus() {}

    /** The status of the application {@code id}; {@code secret} may be missing. */
    public static AppStatus of(String id, String name, @Nullable String namespace, @Nullable Secret secret) {
        return new AppStatus(id, name, namespace, rotatedAt(secret), previousUntil(secret), null);
    }

    /** When the secret of {@code secret} was last rotated, or null. */
    public static @Nullable String rotatedAt(@Nullable Secret secret) {
        return annotation(secret, Labels.ROTATED_AT);
    }

    /** Until when the previous secret of {@code secret} is accepted, or null. */
    public static @Nullable String previousUntil(@Nullable Secret secret) {
        return annotation(secret, Labels.PREVIOUS_UNTIL);
    }

    private static @Nullable String annotation(@Nullable Secret secret, String name) {
        Map<String, String> annotations = secret == null ? null : secret.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations).map(found -> found.get(name)).orElse(null);
    }
}
