package dev.reverb.operator.observe;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The watches over Secrets: one for each namespace that is watched, or a single one for all of them, each with a
 * {@link SecretStore store} of its own. Any thread.
 *
 * @param <P> the resource that Secrets matter to
 */
public final class SecretSources<P extends HasMetadata> {
    private static final String ALL = "";

    private final Map<String, InformerEventSource<Secret, P>> sources = new HashMap<>();

    /** @param namespaces that are watched; empty for all */
    public SecretSources(Class<P> primary, Set<String> namespaces, SecondaryToPrimaryMapper<Secret> mapper,
            EventSourceContext<P> context) {
        if (namespaces.isEmpty()) {
            sources.put(ALL,
                    new InformerEventSource<>(InformerEventSourceConfiguration.from(Secret.class, primary)
                            .withNamespacesInheritedFromController()
                            .withItemStore(SecretStore.create())
                            .withInformerListLimit(SecretStore.PAGE)
                            .withSecondaryToPrimaryMapper(mapper)
                            .build(), context));
        }
        for (String namespace : namespaces) {
            sources.put(namespace,
                    new InformerEventSource<>(InformerEventSourceConfiguration.from(Secret.class, primary)
                            .withName("secrets-" + namespace)
                            .withNamespaces(Set.of(namespace))
                            .withItemStore(SecretStore.create())
                            .withInformerListLimit(SecretStore.PAGE)
                            .withSecondaryToPrimaryMapper(mapper)
                            .build(), context));
        }
    }

    /** For the controller to start. */
    public List<EventSource<?, P>> all() {
        return List.copyOf(sources.values());
    }

    /** The Secret as the caches have it; empty where it is unknown or of a namespace that is not watched. */
    public Optional<Secret> get(ResourceID id) {
        InformerEventSource<Secret, P> source = sources
                .get(sources.containsKey(ALL) ? ALL : id.getNamespace().orElse(""));
        return Optional.ofNullable(source).flatMap(found -> found.get(id));
    }
}
