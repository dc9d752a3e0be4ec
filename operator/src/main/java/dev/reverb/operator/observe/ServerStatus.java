package dev.reverb.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one server answered to {@code GET /status}; docs/status.md describes the answer. A field that a server of
 * another version does not send is empty here.
 *
 * @param pod name of the server's pod
 * @param connections WebSockets on it
 * @param digest SHA-256 of the configuration file that is in force on it, hexadecimal
 * @param stale why the file that is mounted is not in force, in whole or in part
 * @param refused applications of the file that are not in force as they are written there
 * @param redisConnected whether its link to Redis is up; empty without one
 * @param redisTrouble why it is not
 * @param previousSecrets by id of an application that is being rotated, when a previous secret was last used
 */
public record ServerStatus(
        String pod,
        long connections,
        Optional<String> digest,
        Optional<String> stale,
        List<Refused> refused,
        Optional<Boolean> redisConnected,
        Optional<String> redisTrouble,
        Map<String, Optional<Instant>> previousSecrets) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * An application that a server refuses.
     *
     * @param id its id, or its place in the file
     * @param reason one line
     * @param kept whether its last good form is served
     */
    public record Refused(String id, String reason, boolean kept) {}

    public ServerStatus {
        refused = List.copyOf(refused);
        previousSecrets = Map.copyOf(previousSecrets);
    }

    /**
     * The status in {@code body}, an answer of {@code pod}.
     *
     * @throws IOException when it is none
     */
    static ServerStatus read(String pod, String body) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IOException("the answer is no JSON", e);
        }
        if (!json.path("connections").isIntegralNumber()) {
            throw new IOException("the answer is no status of a server");
        }
        List<Refused> refused = new ArrayList<>();
        json.path("refused")
                .forEach(app -> refused.add(new Refused(app.path("id").asText(), app.path("reason").asText(),
                        app.path("lastFormInForce").asBoolean())));
        Map<String, Optional<Instant>> previous = new HashMap<>();
        json.path("previousSecrets")
                .forEach(app -> previous.put(app.path("id").asText(), instant(text(app.path("lastUsed")))));
        JsonNode settings = json.path("settings");
        JsonNode redis = json.path("redis");
        return new ServerStatus(pod, json.path("connections").asLong(),
                Optional.ofNullable(text(settings.path("digest"))),
                settings.path("stale").asBoolean()
                        ? Optional.of(settings.path("problem").asText("the file cannot be taken"))
                        : Optional.empty(),
                refused, redis.path("connected").isBoolean() ? Optional.of(redis.path("connected").asBoolean())
                        : Optional.empty(),
                Optional.ofNullable(text(redis.path("reason"))), previous);
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? node.asText() : null;
    }

    private static Optional<Instant> instant(@Nullable String text) {
        try {
            return Optional.ofNullable(text).map(Instant::parse);
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }
}
