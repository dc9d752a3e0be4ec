package dev.reverb.testkit;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * One message as it came from the server.
 *
 * @param text exactly what came
 * @param json the same, parsed
 * @param nanos when it came, by {@link System#nanoTime()}
 */
public record Received(String text, JsonNode json, long nanos) {

    /** One that came now. */
    public static Received of(String text) {
        long nanos = System.nanoTime();
        try {
            return new Received(text, Json.parse(text), nanos);
        } catch (JacksonException e) {
            // has no event, so whoever takes it fails and shows the text
            return new Received(text, MissingNode.getInstance(), nanos);
        }
    }

    public String event() {
        return json.path("event").asString();
    }

    public String channel() {
        return json.path("channel").asString();
    }

    /** The text of {@code data}, which has to be a string. */
    public String data() {
        JsonNode data = json.path("data");
        if (!data.isString()) {
            throw new AssertionError("data is not a string in " + text);
        }
        return data.asString();
    }

    /** What the string in {@code data} says. */
    public JsonNode dataJson() {
        return Json.parse(data());
    }

    /** Fails the test unless this is {@code pusher:error} with exactly this code and message. */
    public void assertError(int code, String message) {
        assertError(code);
        if (!dataJson().path("message").asString().equals(message)) {
            throw new AssertionError("expected the message \"" + message + "\" but got " + text);
        }
    }

    /** Fails the test unless this is {@code pusher:error} with this code as a number and some message. */
    public void assertError(int code) {
        if (!event().equals("pusher:error")) {
            throw new AssertionError("expected pusher:error " + code + " but got " + text);
        }
        JsonNode error = dataJson();
        if (!error.path("code").isInt() || error.path("code").asInt() != code
                || error.path("message").asString().isBlank()) {
            throw new AssertionError("expected pusher:error " + code + " but got " + text);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
