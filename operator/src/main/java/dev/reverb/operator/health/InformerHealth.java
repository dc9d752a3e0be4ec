package dev.reverb.operator.health;

import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.RuntimeInfo;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the caches know. A namespace whose caches are not synced, for want of a permission or because it is gone, is a
 * meter and a line in the log; it costs the other namespaces nothing, and its caches try again by themselves. Any
 * thread.
 */
public final class InformerHealth {
    private static final Logger LOG = LoggerFactory.getLogger(InformerHealth.class);

    private final Supplier<RuntimeInfo> runtime;
    private Set<String> known = Set.of();

    /** Reads {@code runtime} at each question. */
    public InformerHealth(Supplier<RuntimeInfo> runtime) {
        this.runtime = runtime;
    }

    /** Caches by namespace, each with whether all of its kinds are synced and watched. */
    private SortedMap<String, Boolean> namespaces() {
        SortedMap<String, Boolean> namespaces = new TreeMap<>();
        for (RegisteredController<?> controller : runtime.get().getRegisteredControllers()) {
            controller.getControllerHealthInfo()
                    .informerEventSourceHealthIndicators()
                    .values()
                    .forEach(source -> informers(source).forEach((namespace, informer) -> namespaces.merge(namespace,
                            served(informer), Boolean::logicalAnd)));
        }
        return namespaces;
    }

    private static Map<String, InformerHealthIndicator> informers(
            InformerWrappingEventSourceHealthIndicator<?> source) {
        return source.informerHealthIndicators();
    }

    private static boolean served(InformerHealthIndicator informer) {
        return informer.hasSynced() && informer.isRunning();
    }

    /** Whether the caches of one namespace at least are synced, so that something can be acted on. */
    public boolean synced() {
        SortedMap<String, Boolean> namespaces = namespaces();
        report(namespaces);
        return namespaces.isEmpty() || namespaces.containsValue(true);
    }

    private synchronized void report(SortedMap<String, Boolean> namespaces) {
        Set<String> lacking = new TreeSet<>();
        namespaces.forEach((namespace, synced) -> {
            if (!synced) {
                lacking.add(namespace);
            }
        });
        Set<String> back = new HashSet<>(known);
        back.removeAll(lacking);
        Set<String> lost = new HashSet<>(lacking);
        lost.removeAll(known);
        lost.forEach(
                namespace -> LOG.warn(
                        "namespace {}: its objects cannot be listed or watched, for want of a"
                                + " permission or because it is gone; nothing is done in it until they can",
                        namespace));
        back.forEach(namespace -> LOG.info("namespace {}: its objects are watched again", namespace));
        known = lacking;
    }

    /** A line for each namespace that is not watched; empty when there is none. */
    public String detail() {
        StringBuilder text = new StringBuilder();
        namespaces().forEach((namespace, synced) -> {
            if (!synced) {
                text.append("namespace ")
                        .append(namespace)
                        .append(": its objects cannot be listed or watched, nothing is done in it: is its RoleBinding"
                                + " missing?\n");
            }
        });
        return text.toString();
    }

    /** One meter a namespace, in the text format of Prometheus. */
    public String exposition() {
        StringBuilder text = new StringBuilder(
                "# HELP reverb_operator_namespace_synced Whether the objects of a watched"
                        + " namespace are known (1) or cannot be listed or watched (0)\n"
                        + "# TYPE reverb_operator_namespace_synced gauge\n");
        namespaces().forEach((namespace, synced) -> text.append("reverb_operator_namespace_synced{namespace=\"")
                .append(namespace)
                .append("\"} ")
                .append(synced ? 1 : 0)
                .append('\n'));
        return text.toString();
    }
}
