package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.Optional;
import org.jspecify.annotations.NullUnmarked;

/**
 * A resource that is read as far as this version can, whatever another version wrote into it: an exception would end
 * the watch over all resources of the kind.
 *
 * @param <S> the spec, immutable; null when none was written or it cannot be read
 * @param <T> the status, immutable; null when none was written or it cannot be read
 */
@NullUnmarked
abstract class WrittenResource<S, T> extends CustomResource<S, T> implements Namespaced, MaybeUnreadable {
    private static final long serialVersionUID = 1L;

    private final transient Class<S> specType;
    private final transient Class<T> statusType;
    private transient String unreadable;

    WrittenResource(Class<S> specType, Class<T> statusType) {
        this.specType = specType;
        this.statusType = statusType;
    }

    @Override
    protected S initSpec() {
        return null;
    }

    @Override
    protected T initStatus() {
        return null;
    }

    /** Reads {@code written} as far as this version can; called by the deserializer. */
    @JsonSetter("spec")
    void readSpec(JsonNode written) {
        WrittenPart<S> part = WrittenPart.read(written, "spec", specType);
        spec = part.value();
        unreadable = part.error();
    }

    /** A status that cannot be read is as good as none: the next report writes it anew. */
    @JsonSetter("status")
    void readStatus(JsonNode written) {
        status = WrittenPart.read(written, "status", statusType).value();
    }

    @Override
    public Optional<String> unreadable() {
        return Optional.ofNullable(unreadable);
    }

    /** Makes {@code copy} this, with metadata that can be changed; spec and status are immutable and shared. */
    final <R extends WrittenResource<S, T>> R copied(R copy) {
        WrittenResource<S, T> target = copy;
        target.setMetadata(new ObjectMetaBuilder(getMetadata()).build());
        target.spec = spec;
        target.status = status;
        target.unreadable = unreadable;
        return copy;
    }
}
