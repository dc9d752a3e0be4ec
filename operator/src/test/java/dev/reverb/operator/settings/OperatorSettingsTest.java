package dev.reverb.operator.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorSettingsTest {
    @Test
    void defaults() {
        assertEquals(new OperatorSettings(Set.of(), "reverb/server:0.1.0", "redis:8.2", "valkey/valkey:8.1",
                "reverb-system", true, 8081, OperatorSettings.UpgradeRolls.SPACED, Duration.ofSeconds(60),
                Duration.ofSeconds(15), Duration.ofSeconds(15)), OperatorSettings.load(Map.of()));
    }

    @Test
    void everyVariableIsRead() {
        assertEquals(
                new OperatorSettings(Set.of("a", "b"), "s", "r", "v", "n", false, 0, OperatorSettings.UpgradeRolls.HELD,
                        Duration.ofMinutes(2), Duration.ofMillis(500), Duration.ofSeconds(3)),
                OperatorSettings.load(Map.ofEntries(Map.entry("REVERB_OPERATOR_NAMESPACES", "a, b"),
                        Map.entry("REVERB_OPERATOR_SERVER_IMAGE", "s"), Map.entry("REVERB_OPERATOR_REDIS_IMAGE", "r"),
                        Map.entry("REVERB_OPERATOR_VALKEY_IMAGE", "v"), Map.entry("REVERB_OPERATOR_NAMESPACE", "n"),
                        Map.entry("REVERB_OPERATOR_LEADER_ELECTION", "false"),
                        Map.entry("REVERB_OPERATOR_MANAGEMENT_PORT", "0"),
                        Map.entry("REVERB_OPERATOR_UPGRADE_ROLLS", "held"),
                        Map.entry("REVERB_OPERATOR_UPGRADE_PAUSE", "2m"), Map.entry("REVERB_OPERATOR_POLL", "500ms"),
                        Map.entry("REVERB_OPERATOR_ROLL_WATCH", "3s"))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "REVERB_OPERATOR_NAMESPACES|Team|names of namespaces separated by commas, or nothing for all",
            "REVERB_OPERATOR_LEADER_ELECTION|yes|true or false",
            "REVERB_OPERATOR_MANAGEMENT_PORT|70000|a port from 0 to 65535",
            "REVERB_OPERATOR_UPGRADE_ROLLS|never|spaced or held",
            "REVERB_OPERATOR_ROLL_WATCH|0s|a duration above zero such as 500ms, 15s or 2m",
            "REVERB_OPERATOR_POLL|15|a duration above zero such as 500ms, 15s or 2m",
            "REVERB_OPERATOR_POLL|0s|a duration above zero such as 500ms, 15s or 2m"})
    void aWrongValueIsNamedWithWhatIsAllowed(String variable, String value, String allowed) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class,
                () -> OperatorSettings.load(Map.of(variable, value)));
        assertEquals(variable + " is \"" + value + "\"; allowed is " + allowed, refused.getMessage());
    }

    @Test
    void anUnknownVariableIsRefused() {
        assertThrows(IllegalArgumentException.class,
                () -> OperatorSettings.load(Map.of("REVERB_OPERATOR_NAMESPACEZ", "a")));
    }

    @Test
    void whatKubernetesInjectsForAServiceIsNotASetting() {
        assertEquals(OperatorSettings.load(Map.of()),
                OperatorSettings.load(Map.of("REVERB_OPERATOR_SERVICE_HOST", "10.0.0.1", "REVERB_OPERATOR_PORT",
                        "tcp://10.0.0.1:80", "REVERB_OPERATOR_METRICS_PORT_8081_TCP_ADDR", "10.0.0.1")));
    }

    @Test
    void everyVariableIsInTheReference() throws IOException {
        String page = Files.readString(Path.of("../docs/operator.md"));
        for (OperatorSettings.Variable variable : OperatorSettings.VARIABLES) {
            String standard = variable.standard().isEmpty() ? "empty" : "`" + variable.standard() + "`";
            String row = "| `" + variable.name() + "` | " + standard + " | " + variable.meaning() + " |";
            assertTrue(page.contains(row), row);
        }
    }

    @Test
    void theLogLevelIsOneOfFour() {
        assertEquals(System.Logger.Level.INFO, OperatorSettings.logLevel(Map.of()));
        assertEquals(System.Logger.Level.DEBUG,
                OperatorSettings.logLevel(Map.of("REVERB_OPERATOR_LOG_LEVEL", "debug")));
        assertEquals("REVERB_OPERATOR_LOG_LEVEL is \"loud\"; allowed is error, warn, info or debug",
                assertThrows(IllegalArgumentException.class,
                        () -> OperatorSettings.logLevel(Map.of("REVERB_OPERATOR_LOG_LEVEL", "loud"))).getMessage());
    }
}
