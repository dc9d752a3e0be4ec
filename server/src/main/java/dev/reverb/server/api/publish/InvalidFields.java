package dev.reverb.server.api.publish;

import dev.reverb.server.api.exchange.ApiReply;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fields of one request that are not as they have to be: all of them, so that a back end need not find out one by
 * one.
 * Used by one thread.
 */
final class InvalidFields {

    private Map<String, String> reasons = Map.of();

    /**
     * Notes that {@code field} is wrong; its first problem is the one that is reported.
     *
     * @param problem what follows the words "The … field"
     */
    void add(String field, String problem) {
        if (reasons.isEmpty()) {
            reasons = new LinkedHashMap<>();
        }
        reasons.putIfAbsent(field, "The " + field + " field " + problem + ".");
    }

    /** How many fields are wrong. */
    int size() {
        return reasons.size();
    }

    /** The answer. */
    ApiReply reply() {
        return ApiReply.invalid(reasons);
    }
}
