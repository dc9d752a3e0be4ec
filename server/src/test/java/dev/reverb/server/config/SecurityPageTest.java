package dev.reverb.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.AppCatalogue;
import dev.reverb.model.setting.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/security.md} names settings that there are, with the defaults that they have, and tests that there are.
 */
final class SecurityPageTest {

    private static final Path PAGE = Path.of("..", "docs", "security.md");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    private static List<String[]> rows() throws IOException {
        return Files.readAllLines(PAGE)
                .stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| What "))
                .map(line -> line.split("\\|", -1))
                .toList();
    }

    private static Setting<?> setting(String key) {
        return Stream.concat(ServerSettings.ALL.stream(), AppCatalogue.ALL.stream())
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no setting has the key " + key));
    }

    @Test
    void everySettingIsThereAndTheBoundSaysItsDefault() throws IOException {
        int seen = 0;
        for (String[] row : rows()) {
            assertEquals(7, row.length, row[1]);
            Matcher keys = QUOTED.matcher(row[3]);
            while (keys.find()) {
                if (keys.group(1).startsWith("ulimit")) {
                    continue;
                }
                seen++;
                Setting<?> setting = setting(keys.group(1));
                String standard = setting.standard().orElse("");
                String bound = standard.matches("\\d+") && !row[2].contains(standard + " bytes")
                        && !row[2].strip().equals(standard) ? standard + "s" : standard;
                if (!standard.isEmpty() && !standard.equals("0")) {
                    assertTrue(row[2].contains(bound), setting + " is " + standard + ", the page says" + row[2]);
                }
            }
        }
        assertTrue(seen >= 12, "settings seen: " + seen);
    }

    @Test
    void everyTestThatHoldsABoundIsThere() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            List<String> tests = files.map(file -> file.getFileName().toString()).toList();
            for (String[] row : rows()) {
                Matcher names = QUOTED.matcher(row[5]);
                while (names.find()) {
                    assertTrue(tests.contains(names.group(1) + ".java"), names.group(1));
                }
            }
        }
    }
}
