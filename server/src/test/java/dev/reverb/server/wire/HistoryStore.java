package dev.reverb.server.wire;

import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Where the histories of a test are. */
enum HistoryStore {
    MEMORY, REDIS;

    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static @Nullable RedisProcess redis;

    /** Lets servers keep histories here; those of other calls have others. */
    void of(TestServer... servers) {
        if (this == MEMORY) {
            return;
        }
        String channel = "store-" + NUMBERS.incrementAndGet();
        for (TestServer server : servers) {
            ScaledTest.scaled(server, redis());
            server.env("REVERB_SCALING_CHANNEL", channel);
        }
    }

    /** Waits until servers whose settings are complete reach it. */
    void reached(TestServer... servers) {
        for (TestServer server : servers) {
            if (this == REDIS) {
                ScaledTest.awaitReached(server);
            }
        }
    }

    /** One for all tests; it ends with their process. */
    private static synchronized RedisProcess redis() {
        if (redis == null) {
            try {
                redis = RedisProcess.server();
                Runtime.getRuntime().addShutdownHook(new Thread(redis::close));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return redis;
    }
}
