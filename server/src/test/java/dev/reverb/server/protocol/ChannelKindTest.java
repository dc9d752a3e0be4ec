package dev.reverb.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelKindTest {

    @ParameterizedTest
    @CsvSource({"chat,PUBLIC", "privateer,PUBLIC", "private,PUBLIC", "0,PUBLIC", "cached,PUBLIC", "cache-a,CACHE",
            "private-a,PRIVATE", "private-cache-a,PRIVATE_CACHE", "private-encrypted-a,PRIVATE_ENCRYPTED",
            "private-encrypted-cache-a,PRIVATE_ENCRYPTED_CACHE", "presence-a,PRESENCE",
            "presence-cache-a,PRESENCE_CACHE", "presenceless,PUBLIC", "#server-to-user-1,USER"})
    void theNameMakesTheKind(String name, ChannelKind kind) {
        assertEquals(kind, ChannelKind.of(name));
    }

    @Test
    void namesFollowPushersRule() {
        assertTrue(ChannelNameRules.pusher("Az09_-=@,.;"));
        assertTrue(ChannelNameRules.pusher("a".repeat(164)));
        for (String bad : new String[]{"", "a".repeat(165), "a b", "a/b", "ü", "a:b", "#a"}) {
            assertFalse(ChannelNameRules.pusher(bad), bad);
        }
    }
}
