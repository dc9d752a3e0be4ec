package dev.reverb.operator.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes conditions whose transition time moves only when their status does.
 *
 * @param previous the conditions as they were
 * @param generation of the spec that they speak of
 * @param now the time of a transition
 */
public record Conditions(List<Condition> previous, @Nullable Long generation, Instant now) {

    public Condition make(String type, boolean holds, String reason, String message) {
        return make(type, holds ? "True" : "False", reason, message);
    }

    public Condition unknown(String type, String reason, String message) {
        return make(type, "Unknown", reason, message);
    }

    private Condition make(String type, String status, String reason, String message) {
        String since = previous.stream()
                .filter(condition -> type.equals(condition.getType()) && status.equals(condition.getStatus()))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder().withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build();
    }
}
