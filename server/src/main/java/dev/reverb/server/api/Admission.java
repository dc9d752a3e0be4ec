package dev.reverb.server.api;

import dev.reverb.model.App;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.api.exchange.Query;
import org.jspecify.annotations.Nullable;

/** What the head of a request decides, before any of its body is read. */
public sealed interface Admission {

    /** It is answered: the body, if there is one, changes nothing. */
    record Answered(ApiReply reply) implements Admission {}

    /**
     * It is signed, and is carried out once its body is there and has the MD5 that was signed.
     *
     * @param route what is asked for
     * @param app the application that signed it
     * @param query its parameters
     * @param bodyMd5 the MD5 of the body that the signature covers; null where it covers none, so that there may be no
     *     body
     */
    record Admitted(Route route, App app, Query query, @Nullable String bodyMd5) implements Admission {}
}
