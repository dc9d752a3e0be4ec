package dev.reverb.testkit;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One HTTP response.
 *
 * @param status the code
 * @param headers by lower-case name
 * @param body decoded as UTF-8
 */
public record HttpReply(int status, Map<String, List<String>> headers, String body) {

    /** The first value of a header. */
    public Optional<String> header(String name) {
        List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
        return values == null ? Optional.empty() : Optional.of(values.getFirst());
    }

    /** The body as JSON; fails the test when it is not. */
    public JsonNode json() {
        return Json.parse(body);
    }
}
