package dev.reverb.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SocketIdTest {

    @Test
    void textAndNumberAreTheSameId() {
        for (int i = 0; i < 1000; i++) {
            long id = SocketId.random();
            String text = SocketId.format(id);
            assertEquals(Long.valueOf(id), SocketId.parse(text));
            for (String part : text.split("\\.")) {
                long number = Long.parseLong(part);
                assertTrue(number >= 1 && number <= 1_000_000_000, text);
            }
        }
    }

    @Test
    void whatHasNotTheFormIsRefused() {
        for (String bad : new String[]{"", "1", "1.", ".1", "1.2.3", "a.b", "1.2x", "-1.2", "1 .2"}) {
            assertNull(SocketId.parse(bad), bad);
        }
        assertEquals(Long.valueOf(0), SocketId.parse("99999999999.1"), "of the right form, but none of ours");
    }
}
