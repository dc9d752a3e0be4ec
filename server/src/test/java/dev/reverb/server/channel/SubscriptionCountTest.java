package dev.reverb.server.channel;

import static dev.reverb.server.channel.SubscriptionCount.INTERVAL_NANOS;
import static dev.reverb.server.channel.SubscriptionCount.NOTHING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SubscriptionCountTest {

    private final SubscriptionCount count = new SubscriptionCount();

    @Test
    void upToAHundredSubscribersEachChangeIsSentAtOnce() {
        for (int total = 1; total <= 100; total++) {
            assertEquals(0, count.changed(total, total), "" + total);
        }
        assertEquals(NOTHING, count.changed(100, 200));
        assertEquals(0, count.changed(99, 201));
    }

    @Test
    void beyondThatOneInFiveSecondsAndTheLastAlways() {
        assertEquals(0, count.changed(101, 7));
        assertEquals(INTERVAL_NANOS - 3, count.changed(102, 10));
        assertEquals(NOTHING, count.changed(103, 20), "one look is enough");
        assertEquals(NOTHING, count.changed(104, 30));
        assertEquals(0, count.due(INTERVAL_NANOS + 7));
        assertEquals(104, count.total());
        assertEquals(0, count.changed(105, 2 * INTERVAL_NANOS + 7));
    }

    @Test
    void backAtAHundredEachChangeIsSentAtOnceThoughALookIsDue() {
        assertEquals(0, count.changed(101, 0));
        assertEquals(INTERVAL_NANOS - 1, count.changed(102, 1));
        assertEquals(0, count.changed(100, 2));
        assertEquals(0, count.changed(99, 3));
        assertEquals(NOTHING, count.changed(101, 4));
        assertEquals(0, count.due(INTERVAL_NANOS));
        assertEquals(101, count.total());
        assertEquals(NOTHING, count.changed(101, INTERVAL_NANOS + 1));
    }

    @Test
    void whatIsBackAtTheValueThatWasSentIsNotSentAgain() {
        assertEquals(0, count.changed(200, 0));
        assertEquals(INTERVAL_NANOS - 1, count.changed(201, 1));
        assertEquals(NOTHING, count.changed(200, 2));
        assertEquals(NOTHING, count.due(INTERVAL_NANOS));
        assertEquals(0, count.changed(300, INTERVAL_NANOS + 1));
    }
}
