package dev.reverb.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** What of a resource changes by what somebody does, and not by a status that the operator writes. */
public final class ResourceChange {
    /**
     * The uid among them: where a watch had a gap, two resources that had one name after each other look like one that
     * was changed.
     */
    private static final List<Function<ObjectMeta, Object>> FIELDS = List.of(ObjectMeta::getUid,
            ObjectMeta::getGeneration, ObjectMeta::getAnnotations, ObjectMeta::getDeletionTimestamp);

    private ResourceChange() {}

    /** Whether spec, annotations or life of {@code before} are other ones in {@code after}. Any thread. */
    public static boolean between(HasMetadata before, HasMetadata after) {
        return FIELDS.stream()
                .anyMatch(
                        field -> !Objects.equals(field.apply(before.getMetadata()), field.apply(after.getMetadata())));
    }
}
