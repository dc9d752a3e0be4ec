package dev.reverb.crd;

import java.util.Optional;

/** A resource that exists although this version may not understand its spec. */
public interface MaybeUnreadable {
    /** Names the field of the spec that cannot be read and says why; the spec is then null and must not be acted on. */
    Optional<String> unreadable();
}
