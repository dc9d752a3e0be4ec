package dev.reverb.image.build;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The server's own {@code train} command: it serves, uses itself as clients and back ends do, and ends. */
final class ServerTraining implements Training {

    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Override
    public List<String> arguments() {
        return List.of("train");
    }

    @Override
    public Map<String, String> environment() {
        return Map.of();
    }

    @Override
    public void exercise(BooleanSupplier alive) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(LIMIT);
        while (alive.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new IOException("it did not end within " + LIMIT.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Override
    public void close() {}
}
