package dev.reverb.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The reference page says what the catalogue says. To write it anew: {@code -Dreverb.write-docs=true}. */
class MeterReferenceTest {

    @Test
    void thePageIsCurrent() throws IOException {
        Path page = Path.of("..", "docs", "metrics.md");
        if (Boolean.getBoolean("reverb.write-docs")) {
            Files.writeString(page, Meter.reference());
        }
        assertEquals(Meter.reference(), Files.readString(page),
                "write it with ./mvnw test -pl server -am -Dtest=MeterReferenceTest -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Dreverb.write-docs=true");
    }
}
