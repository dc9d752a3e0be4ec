package dev.reverb.server.api;

import org.jspecify.annotations.Nullable;

/** The parameters of a request, decoded, in the order that signatures want: by lower-cased key. */
public sealed interface Query permits PlainQuery, EncodedQuery {

    /** The parameter that carries the signature, and is not part of what is signed. */
    String SIGNATURE = "auth_signature";

    static Query parse(String query) {
        PlainQuery plain = PlainQuery.of(query);
        return plain != null ? plain : EncodedQuery.of(query);
    }

    /** The last value of {@code key}, or null. */
    @Nullable
    String get(String key);

    /** {@code key=value} pairs joined by {@code &}, the signature left out; values decoded, or as they came. */
    String signed(boolean decoded);

    /** Whether decoding changed a value. */
    boolean encoded();
}
