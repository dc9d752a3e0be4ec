package dev.reverb.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.Controller;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Resources that were made under the name of one whose end the framework had not handled yet, as by
 * {@code kubectl replace --force}. The framework keeps its state by name: with the end of the first resource it drops
 * the event that says that the second is there, and every later event of that name, for want of a state. Here that
 * event is given to it again as soon as the state is gone. Called by the framework, under its lock; costs a look into a
 * cache for each resource that ends.
 */
final class Successors implements Metrics {
    private final Map<String, Controller<?>> controllers = new ConcurrentHashMap<>();

    @Override
    public void controllerRegistered(Controller<? extends HasMetadata> controller) {
        controllers.put(controller.getConfiguration().getName(), controller);
    }

    @Override
    public void cleanupDoneFor(ResourceID id, Map<String, Object> metadata) {
        Controller<?> controller = controllers.get(String.valueOf(metadata.get(Constants.CONTROLLER_NAME)));
        if (controller == null) {
            return;
        }
        controller.getEventSourceManager()
                .getControllerEventSource()
                .get(id)
                .ifPresent(successor -> controller.getEventProcessor()
                        .handleEvent(new ResourceEvent(ResourceAction.ADDED, id, successor)));
    }
}
