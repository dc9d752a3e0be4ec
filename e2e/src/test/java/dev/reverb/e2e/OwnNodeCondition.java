package dev.reverb.e2e;

import dev.reverb.e2e.cluster.Kubernetes;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides {@link NeedsOwnNode} from the settings alone, before anything is installed. */
final class OwnNodeCondition implements ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (Kubernetes.Kind.chosen() == Kubernetes.Kind.NODE) {
            return ConditionEvaluationResult.enabled("the node is the tests' own");
        }
        String need = AnnotationSupport.findAnnotation(context.getElement(), NeedsOwnNode.class)
                .map(NeedsOwnNode::value)
                .orElse("a node of its own");
        String reason = "it needs " + need + ": run it with REVERB_E2E_KUBERNETES=node";
        System.err.println("NOT RUN: " + context.getDisplayName() + ", " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }
}
