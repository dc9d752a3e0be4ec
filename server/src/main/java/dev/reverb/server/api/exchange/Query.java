package dev.reverb.server.api.exchange;

import java.util.List;
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

    /**
     * The texts that a signature may be over, at least one: {@code key=value} pairs joined by {@code &}, the signature
     * left out; with values decoded, as they came, and with arrays joined, since server libraries differ in it.
     */
    List<String> signed();
}
