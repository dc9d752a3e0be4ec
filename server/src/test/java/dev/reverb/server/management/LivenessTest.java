package dev.reverb.server.management;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.transport.Transport;
import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LivenessTest {

    @Test
    void aLoopThatDoesNotTickIsNamedAndOneThatTicksAgainIsNot() {
        Map<String, String> environment = Map.of("REVERB_APP_ID", "1", "REVERB_APP_KEY", "k", "REVERB_APP_SECRET", "s",
                "REVERB_EVENT_LOOPS", "2");
        try (Settings settings = Settings.load(environment, Optional.empty(), Overrides.none());
                Transport transport = new Transport(settings.server(), false)) {
            Liveness liveness = new Liveness(transport, Duration.ofSeconds(2));
            assertEquals(Optional.empty(), liveness.problem());
            transport.loops().getFirst().loop().start();
            Await.until("the silent loop to be noticed",
                    () -> liveness.problem().orElse("").matches("event loop 1 has not run for \\d+ s"));
            transport.loops().getLast().loop().start();
            Await.until("all loops to tick", () -> liveness.problem().isEmpty());
        }
    }
}
