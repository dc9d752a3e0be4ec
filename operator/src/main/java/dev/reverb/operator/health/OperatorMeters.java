package dev.reverb.operator.health;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Counts reconciles, their failures and their time, by controller. Any thread. */
public final class OperatorMeters implements Metrics {
    private final Map<String, Counts> controllers = new ConcurrentSkipListMap<>();

    private static final class Counts {
        final LongAdder reconciles = new LongAdder();
        final LongAdder failures = new LongAdder();
        final DoubleAdder seconds = new DoubleAdder();
    }

    @Override
    public void reconcileCustomResource(HasMetadata resource, @Nullable RetryInfo retry, Map<String, Object> metadata) {
        // counted when it runs
    }

    @Override
    public void failedReconciliation(HasMetadata resource, Exception exception, Map<String, Object> metadata) {
        counts(resource.getKind().toLowerCase(Locale.ROOT)).failures.increment();
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        Counts counts = counts(execution.controllerName());
        long began = System.nanoTime();
        try {
            return execution.execute();
        } finally {
            counts.reconciles.increment();
            counts.seconds.add((System.nanoTime() - began) / 1e9);
        }
    }

    private Counts counts(String controller) {
        return controllers.computeIfAbsent(controller, _ -> new Counts());
    }

    /** All meters in the text format of Prometheus. */
    public String exposition() {
        StringBuilder text = new StringBuilder();
        family(text, "reverb_operator_reconciles_total", "counter", "Reconciles", c -> (double) c.reconciles.sum());
        family(text, "reverb_operator_reconcile_failures_total", "counter", "Reconciles that failed and are retried",
                c -> (double) c.failures.sum());
        family(text, "reverb_operator_reconcile_seconds_total", "counter", "Time spent in reconciles",
                c -> c.seconds.sum());
        return text.toString();
    }

    private void family(StringBuilder text, String name, String type, String help, ToDoubleFunction<Counts> value) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        controllers.forEach((controller, counts) -> text.append(name)
                .append("{controller=\"")
                .append(controller)
                .append("\"} ")
                .append(value.applyAsDouble(counts))
                .append('\n'));
    }
}
