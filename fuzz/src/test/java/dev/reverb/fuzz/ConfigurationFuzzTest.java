package dev.reverb.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Whatever a configuration file holds, it is taken or refused with a sentence. */
class ConfigurationFuzzTest {

    @FuzzTest
    void isTakenOrRefusedWithASentence(byte[] yaml) throws IOException {
        Path file = Files.createTempFile("fuzz", ".yaml");
        try {
            Files.write(file, yaml);
            Settings.read(Map.of(), Optional.of(file), Overrides.none());
        } catch (SettingsException e) {
            assertFalse(String.valueOf(e.getMessage()).isBlank());
        } finally {
            Files.delete(file);
        }
    }
}
