package dev.reverb.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.reverb.server.protocol.JsonObjectScanner;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The scanner of envelopes takes what a JSON library takes for an object, and reads the same strings in it. */
class EnvelopeFuzzTest {

    private static final String[] FIELDS = {"event", "channel", "data", "name", "socket_id"};

    private static final JsonMapper LIBRARY = JsonMapper.builder(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(JsonObjectScanner.MAX_DEPTH).build())
            .build()).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private final JsonObjectScanner scanner = new JsonObjectScanner(FIELDS);

    @FuzzTest
    void agreesWithTheLibrary(byte[] json) {
        boolean taken = scanner.scan(json, 0, json.length);
        @Nullable
        JsonNode expected = object(json);
        if (expected == null) {
            // the library refuses numbers of thousands of digits; to relay them is harmless
            return;
        }
        assertEquals(true, taken, () -> new String(json, StandardCharsets.ISO_8859_1));
        for (int i = 0; i < FIELDS.length; i++) {
            JsonNode value = expected.get(FIELDS[i]);
            assertEquals(value != null, scanner.has(i));
            if (value != null && value.isString()) {
                assertEquals(value.stringValue(), scanner.string(i));
            }
        }
    }

    private static @Nullable JsonNode object(byte[] json) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
            JsonNode node = LIBRARY.readTree(json);
            return node != null && node.isObject() ? node : null;
        } catch (CharacterCodingException | JacksonException e) {
            return null;
        }
    }
}
