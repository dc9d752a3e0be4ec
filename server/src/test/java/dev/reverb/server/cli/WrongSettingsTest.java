package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.tls.Authority;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes of the first hour, made with the program itself: one line, which names what is wrong and what is right. */
final class WrongSettingsTest {
    private static final Map<String, String> APP = Map.of("REVERB_APP_ID", "a", "REVERB_APP_KEY", "k",
            "REVERB_APP_SECRET", "hunter2", "REVERB_MANAGEMENT_PORT", "0", "REVERB_SERVER_HOST", "127.0.0.1");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "REVERB_SCALING_ENABLED=true REDIS_PASWORD=x|REDIS_PASWORD (did you mean REDIS_PASSWORD?)",
            "REVERB_REDIS_HOST=redis|REVERB_REDIS_HOST (did you mean REDIS_HOST?)",
            "REVERB_REDIS_SENTINELS=redis|REVERB_REDIS_SENTINELS (did you mean REDIS_SENTINEL_NODES?)",
            "REVERB_SERVER_PROT=1|REVERB_SERVER_PROT (did you mean REVERB_SERVER_PORT?)",
            "REVERB_HOST=a.test REVERB_SCHEME=http REVERB_PORT=9000|this server listens on 8080",
            "REVERB_SERVER_PATH=/app|clients connect to /app/app/KEY",})
    void whatIsTakenAndSeldomMeantIsAWarning(String variables, String expected) throws Exception {
        try (Program check = Program.run(folder, with(variables), "check")) {
            assertEquals(0, check.exit(), check::output);
            List<String> warnings = check.output().lines().filter(line -> line.startsWith("warning: ")).toList();
            assertEquals(1, warnings.size(), check::output);
            assertTrue(warnings.getFirst().contains(expected), check::output);
        }
    }

    @Test
    void aRedisThatCannotBeUsedIsSaidByACheckWithWhatToSet() throws Exception {
        try (RedisProcess redis = RedisProcess.server("--databases", "4", "--user", "u", "on", ">pw", "~*", "&*",
                "+@all", "--user", "default", "on", ">hunter3", "~*", "&*", "+@all")) {
            String address = redis.address();
            String where = "REDIS_HOST=" + address.replaceAll(":.*", "") + " REDIS_PORT="
                    + address.replaceAll(".*:", "");
            scaling(where, "NOT USABLE: " + address + ": NOAUTH it wants a password; set REDIS_PASSWORD");
            scaling(where + " REDIS_PASSWORD=hunter4", "are REDIS_PASSWORD and REDIS_USERNAME right?");
            scaling(where + " REDIS_PASSWORD=hunter3 REDIS_DB=9", "REDIS_DB names a database that it does not have");
            scaling("REDIS_URL=rediss://u:pw@" + address, "this side speaks TLS: does that port?");
            scaling("REDIS_URL=redis://u:pw@" + address, "which answers");
        }
        int nobody = RedisProcess.freePort();
        scaling("REDIS_PORT=" + nobody, "NOT USABLE: 127.0.0.1:" + nobody + ": Connection refused", "refused: /");
        scaling("REDIS_HOST=nosuch.invalid", "NOT USABLE: nosuch.invalid:6379: unknown host");
    }

    private void scaling(String variables, String expected) throws Exception {
        scaling(variables, expected, "\tat ");
    }

    private void scaling(String variables, String expected, String absent) throws Exception {
        try (Program check = Program.run(folder, with(variables + " REVERB_SCALING_ENABLED=true"), "check")) {
            assertEquals(0, check.exit(), check::output);
            List<String> rows = check.output().lines().filter(line -> line.startsWith("  scaling ")).toList();
            assertEquals(1, rows.size(), check::output);
            assertTrue(rows.getFirst().contains(expected), check::output);
            assertFalse(check.output().contains("hunter") || check.output().contains(absent), check::output);
        }
    }

    private Map<String, String> with(String variables) {
        Map<String, String> environment = new HashMap<>(APP);
        for (String variable : variables.split(" ")) {
            environment.put(variable.substring(0, variable.indexOf('=')),
                    variable.substring(variable.indexOf('=') + 1));
        }
        return environment;
    }

    @Test
    void aCertificateForAnotherHostIsAWarning() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("a", 1);
        String files = "REVERB_TLS_CERT=" + authority.certificate("a") + " REVERB_TLS_KEY=" + authority.key("a");
        try (Program check = Program.run(folder, with(files + " REVERB_HOST=other.test"), "check")) {
            assertEquals(0, check.exit(), check::output);
            assertTrue(check.output()
                    .contains("warning: the certificate is for localhost and not for other.test, which "
                            + "clients connect to (REVERB_HOST): they will refuse it"),
                    check::output);
        }
        try (Program check = Program.run(folder, with(files + " REVERB_HOST=localhost"), "check")) {
            assertEquals(0, check.exit(), check::output);
            assertFalse(check.output().contains("warning"), check::output);
            assertTrue(check.output().contains(", for localhost, ends "), check::output);
        }
    }

    @Test
    void filesOfEditorsOnOtherSystemsAreRead() throws Exception {
        Path file = Files.writeString(folder.resolve("reverb.yaml"),
                "\ufeffapps:\r\n  - app_id: shop\r\n    key: shop-key\r\n    secret: \"hunter2\"\r\n");
        try (Program check = Program.run(folder, Map.of(), "check", "--config", file.toString())) {
            assertEquals(0, check.exit(), check::output);
            assertTrue(check.output().contains("key shop-key, secret ****"), check::output);
        }
    }
}
