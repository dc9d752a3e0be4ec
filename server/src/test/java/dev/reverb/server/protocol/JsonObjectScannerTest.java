package dev.reverb.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonObjectScannerTest {

    private static final JsonMapper JACKSON = JsonMapper.builder()
            .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final byte[] MUTATIONS = "{}[]\",:\\0123eE+-.tfnu x\n".getBytes(StandardCharsets.UTF_8);

    private final JsonObjectScanner scanner = new JsonObjectScanner("event", "channel", "data");

    private boolean scan(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return scanner.scan(bytes, 0, bytes.length);
    }

    @Test
    void findsValuesWhereverTheyStand() {
        assertTrue(scan(" { \"x\" : [1,{\"event\":2}] , \"data\":{\"a\":1e400} ,\"event\" : \"e\" } "));
        assertEquals("e", scanner.string(0));
        assertFalse(scanner.has(1));
        assertEquals("{\"a\":1e400}", new String(scanner.raw(2), StandardCharsets.UTF_8));
    }

    @Test
    void theLastOfTwoEqualNamesCounts() {
        assertTrue(scan("{\"event\":\"a\",\"event\":\"b\"}"));
        assertEquals("b", scanner.string(0));
    }

    @Test
    void aNameMayBeWrittenWithEscapes() {
        assertTrue(scan("{\"\\u0065vent\":\"e\"}"));
        assertEquals("e", scanner.string(0));
    }

    @Test
    void stringsAreDecoded() {
        assertTrue(scan("{\"event\":\"a\\n\\u00e9\\ud83d\\ude00\\/ü\"}"));
        assertEquals("a\né😀/ü", scanner.string(0));
        assertEquals("a\né😀/ü".getBytes(StandardCharsets.UTF_8).length, scanner.decodedSize(0));
    }

    @Test
    void whatIsNoStringHasNoText() {
        assertTrue(scan("{\"event\":1,\"channel\":null}"));
        assertNull(scanner.string(0));
        assertFalse(scanner.hasValue(1));
    }

    @Test
    void elementsOfAnArrayAreFound() {
        assertTrue(scan("{\"data\":[ \"a\" ,{\"b\":[]}, 3 ]}"));
        List<int[]> elements = scanner.elements(2);
        assertNotNull(elements);
        assertEquals(3, elements.size());
        assertTrue(scan("{\"data\":[]}"));
        assertEquals(List.of(), scanner.elements(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":01}",
            "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":nul}", "{\"a\":\"\t\"}",
            "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":'b'}", "{a:1}", "{\"a\":1}x", "{\"a\":[1,]}", "{\"a\":[}",
            "{\"a\":1 \"b\":2}", "{}{}"})
    void malformedJsonIsRefused(String json) {
        assertFalse(scan(json));
    }

    @Test
    void malformedUtf8IsRefused() {
        for (byte[] bad : new byte[][]{{(byte) 0xC0, (byte) 0x80}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                {(byte) 0xF5, (byte) 0x80, (byte) 0x80, (byte) 0x80}, {(byte) 0xE2, (byte) 0x82}, {(byte) 0x80}}) {
            byte[] json = new byte[bad.length + 8];
            System.arraycopy("{\"a\":\"".getBytes(StandardCharsets.US_ASCII), 0, json, 0, 6);
            System.arraycopy(bad, 0, json, 6, bad.length);
            json[6 + bad.length] = '"';
            json[7 + bad.length] = '}';
            assertFalse(scanner.scan(json, 0, json.length));
        }
    }

    @Test
    void nestingIsFollowedToItsLimit() {
        String deep = "[".repeat(JsonObjectScanner.MAX_DEPTH) + "]".repeat(JsonObjectScanner.MAX_DEPTH);
        assertTrue(scan("{\"a\":" + deep + "}"));
        assertFalse(scan("{\"a\":[" + deep + "]}"));
    }

    /** The library is slower and surer: whatever it takes for an object, and only that, this takes too. */
    @Test
    void agreesWithTheLibraryOnMutatedMessages() {
        Random random = new Random(7);
        String[] seeds = {"{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-a\",\"auth\":\"k:ab\"}}",
                "{\"event\":\"client-x\",\"channel\":\"private-a\",\"data\":[1,2.5e-3,true,null,\"\\u00e9\\n\"]}",
                "{\"name\":\"e\",\"data\":\"{\\\"a\\\":1}\",\"channels\":[\"a\",\"b\"],\"socket_id\":\"1.2\"}"};
        int well = 0;
        for (int i = 0; i < 60_000; i++) {
            byte[] json = seeds[i % seeds.length].getBytes(StandardCharsets.UTF_8).clone();
            for (int m = random.nextInt(3); m > 0; m--) {
                json[random.nextInt(json.length)] = MUTATIONS[random.nextInt(MUTATIONS.length)];
            }
            boolean expected = isObject(json);
            well += expected ? 1 : 0;
            assertEquals(expected, scanner.scan(json, 0, json.length), () -> new String(json, StandardCharsets.UTF_8));
        }
        assertTrue(well > 1000 && well < 59_000, "mutations must yield both kinds: " + well);
    }

    private static boolean isObject(byte[] json) {
        try {
            JsonNode node = JACKSON.readTree(json);
            return node.isObject();
        } catch (JacksonException e) {
            return false;
        }
    }
}
