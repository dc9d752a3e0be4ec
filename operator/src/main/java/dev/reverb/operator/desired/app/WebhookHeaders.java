package dev.reverb.operator.desired.app;

import dev.reverb.crd.AppSettings;
import dev.reverb.crd.HeaderSource;
import dev.reverb.crd.WebhookSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * The headers of an application's webhooks whose values stand in Secrets of its namespace. While one of them is missing
 * the application is not what its resource says, so that its entry in force has to stay.
 *
 * @param values by header, for each webhook
 * @param missing the fields whose value is missing, each with its Secret
 */
public record WebhookHeaders(List<Map<String, String>> values, List<String> missing) {
    /** The reason of a condition that names what is missing. */
    public static final String MISSING = "WebhookSecretMissing";

    public WebhookHeaders {
        values = List.copyOf(values);
        missing = List.copyOf(missing);
    }

    /**
     * Reads the headers of {@code settings}.
     *
     * @param namespace of the application
     * @param secrets looks a Secret up by namespace and name
     */
    public static WebhookHeaders of(AppSettings settings, String namespace,
            BiFunction<String, String, Optional<Secret>> secrets) {
        List<Map<String, String>> values = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (WebhookSpec webhook : ClusterPlan.orEmpty(settings.webhooks())) {
            Map<String, String> headers = new LinkedHashMap<>();
            references(webhook).forEach((header, reference) -> {
                String key = Objects.requireNonNullElse(reference.key(), header);
                Optional<Secret> secret = secrets.apply(namespace, reference.name());
                Optional<String> value = secret.map(Secret::getData).flatMap(data -> Credentials.value(data, key));
                if (value.isPresent()) {
                    headers.put(header, value.get());
                } else {
                    missing.add("webhooks[" + values.size() + "].headersFrom." + header + ": "
                            + (secret.isPresent() ? "the Secret " + reference.name() + " lacks the key " + key
                                    : "there is no Secret " + reference.name() + " in " + namespace));
                }
            });
            values.add(headers);
        }
        return new WebhookHeaders(values, missing);
    }

    /** Names of the Secrets that {@code settings} take headers from. */
    public static Stream<String> secrets(AppSettings settings) {
        return ClusterPlan.orEmpty(settings.webhooks())
                .stream()
                .flatMap(webhook -> references(webhook).values().stream())
                .map(HeaderSource::name);
    }

    private static Map<String, HeaderSource> references(WebhookSpec webhook) {
        return webhook.headersFrom() == null ? Map.of() : webhook.headersFrom();
    }

    /** Whether every value is there. */
    public boolean complete() {
        return missing.isEmpty();
    }

    /** The first few fields whose value is missing, for a condition. */
    public String problem() {
        return String.join("; ", missing.subList(0, Math.min(5, missing.size())));
    }

    /** Says nothing of the values, so that it may stand in a log line. */
    @Override
    public String toString() {
        return "WebhookHeaders" + missing;
    }
}
