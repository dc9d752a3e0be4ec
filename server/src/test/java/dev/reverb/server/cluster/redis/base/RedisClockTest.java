package dev.reverb.server.cluster.redis.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What time it was on Redis at a moment, whatever was done to its clock since. */
final class RedisClockTest {

    /** How much earlier than the truth an answer may be. */
    private static final long EARLY = 30;

    private long now = 1_000_000;
    private final RedisClock redis = new RedisClock(new Clock() {
        @Override
        public long nanos() {
            return now * 1_000_000;
        }

        @Override
        public long millis() {
            return now;
        }
    });

    private void assertAbout(long expected, long millis) {
        long said = redis.at(millis);
        assertTrue(said <= expected && said >= expected - EARLY, said + " for " + expected);
    }

    @Test
    void itIsKnownFromAReplyUntilTheLinkBreaks() {
        assertFalse(redis.known());
        redis.set(5_000_000);
        assertTrue(redis.known());
        assertAbout(5_000_000, now);
        assertAbout(4_999_000, now - 1000);
        redis.forget();
        assertFalse(redis.known());
    }

    @Test
    void aClockThatIsSetForwardDoesNotMoveWhatWasBefore() {
        redis.set(now);
        now += 1000;
        redis.forget();
        long since = now;
        now += 1000;
        redis.set(now + 2911);
        assertAbout(since, since);
        now += 500;
        redis.set(now + 2911);
        assertAbout(since, since);
        assertAbout(now + 2911, now);
    }

    @Test
    void ofSeveralStepsTheEarliestTimeCounts() {
        redis.set(now);
        long since = now + 500;
        now += 1000;
        redis.set(now - 4000);
        now += 1000;
        redis.set(now + 9000);
        assertAbout(since - 4000, since);
        now += 1000;
        redis.set(now + 9000);
        assertAbout(now + 9000, now);
    }

    @Test
    void whatIsRememberedOfAClockThatGoesFasterStaysSmall() {
        for (int beat = 0; beat < 100_000; beat++) {
            now += 1000;
            redis.set(now + beat);
        }
        assertAbout(now + 100_000, now);
        assertEquals(RedisClock.REMEMBERED, redis.remembered());
    }
}
