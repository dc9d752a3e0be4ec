package dev.reverb.server.config.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.App;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.live.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user of Laravel Reverb brings along: its configuration as JSON, and all its variables. */
final class LaravelConfigTest {
    /** What {@code json_encode(config('reverb'))} prints for an application as its installer leaves it. */
    private static final String CONFIG = """
        {"default":"reverb","servers":{"reverb":{"host":"127.0.0.1","port":"9000","path":"","hostname":"laravel.test",
        "options":{"tls":[]},"max_request_size":10000,"scaling":{"enabled":true,"channel":"shop","server":{"url":null,
        "host":"cache","port":"6380","username":null,"password":"hunter2","database":"3","timeout":60}},
        "pulse_ingest_interval":15,"telescope_ingest_interval":15}},"apps":{"provider":"config","apps":[{"key":"my-key",
        "secret":"hunter2","app_id":"my-app","options":{"host":"ws.example.com","port":8443,"scheme":"https",
        "useTLS":true},"allowed_origins":["*"],"ping_interval":60,"activity_timeout":30,"max_connections":null,
        "max_message_size":10000,"accept_client_events_from":"members","rate_limiting":{"enabled":false,
        "max_attempts":60,"decay_seconds":60,"terminate_on_limit":false}}]}}
        """;

    private static final List<String> VARIABLES = List.of("REVERB_SERVER", "REVERB_SERVER_HOST", "REVERB_SERVER_PORT",
            "REVERB_SERVER_PATH", "REVERB_HOST", "REVERB_MAX_REQUEST_SIZE", "REVERB_SCALING_ENABLED",
            "REVERB_SCALING_CHANNEL", "REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_USERNAME", "REDIS_PASSWORD",
            "REDIS_DB", "REDIS_TIMEOUT", "REVERB_PULSE_INGEST_INTERVAL", "REVERB_TELESCOPE_INGEST_INTERVAL",
            "REVERB_APP_KEY", "REVERB_APP_SECRET", "REVERB_APP_ID", "REVERB_PORT", "REVERB_SCHEME",
            "REVERB_APP_PING_INTERVAL", "REVERB_APP_ACTIVITY_TIMEOUT", "REVERB_APP_MAX_CONNECTIONS",
            "REVERB_APP_MAX_MESSAGE_SIZE", "REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "REVERB_APP_RATE_LIMITING_ENABLED",
            "REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "REVERB_APP_RATE_LIMIT_DECAY_SECONDS",
            "REVERB_APP_RATE_LIMIT_TERMINATE");

    @TempDir
    Path folder;

    @Test
    void theWholeConfigurationIsTakenAsItIs() throws Exception {
        Settings settings = read(CONFIG);
        ServerConfig server = settings.server();
        assertEquals(9000, server.port());
        assertEquals("127.0.0.1", server.host());
        assertEquals(Optional.of("laravel.test"), server.publicAddress().host());
        assertEquals(8443, server.publicAddress().port());
        assertTrue(server.scaling().enabled());
        assertEquals("shop", server.scaling().prefix());
        assertEquals(List.of("cache:6380"), server.scaling().redis().nodes());
        assertEquals(3, server.scaling().redis().database());
        App app = settings.apps().all().iterator().next();
        assertEquals("my-app", app.id());
        assertTrue(app.maxConnections().isEmpty());
        assertEquals(List.of(), settings.warnings());
    }

    @Test
    void theListOfApplicationsAloneMayKeepTheirClientOptions() throws Exception {
        Settings settings = read("apps: [{app_id: a, key: k, secret: s, options: {host: x, useTLS: true}}]");
        assertEquals("a", settings.apps().all().iterator().next().id());
    }

    @Test
    void whatCannotBeMeantIsRefusedWithItsPlace() {
        assertRefused(CONFIG.replace("\"tls\":[]", "\"tls\":{\"capath\":\"/etc\"}"),
                "servers.reverb.options.tls.capath", "there is no such key; allowed is cafile, local_cert");
        assertRefused(CONFIG.replace("\"provider\":\"config\"", "\"provider\":\"database\""), "apps.provider",
                "allowed is config");
        assertRefused(CONFIG.replace("\"default\":\"reverb\"", "\"default\":\"other\""), "servers", "one of reverb");
        assertRefused("<?php\nreturn [];", "is PHP", "json_encode(config(\"reverb\"))");
    }

    private void assertRefused(String text, String... expected) {
        String message = String.valueOf(assertThrows(SettingsException.class, () -> read(text)).getMessage());
        for (String part : expected) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void everyVariableOfItsConfigurationIsKnown() {
        Map<String, String> variables = new HashMap<>();
        VARIABLES.forEach(name -> variables.put(name, "null"));
        variables.put("REVERB_SERVER", "reverb");
        variables.put("REVERB_PULSE_INGEST_INTERVAL", "15");
        variables.put("REVERB_TELESCOPE_INGEST_INTERVAL", "15");
        assertEquals(31, VARIABLES.size());
        assertEquals(List.of(), Settings.read(variables, Optional.empty(), Overrides.none()).warnings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"REVERB_FOO", "REVERB_X", "REVERB_COLOUR"})
    void anUnknownVariableGetsNoFarFetchedSuggestion(String name) {
        List<String> warnings = Settings.read(Map.of(name, "1"), Optional.empty(), Overrides.none()).warnings();
        assertEquals(List.of("environment variables without a meaning here are ignored: " + name), warnings);
    }

    @Test
    void theRedisOfItsCacheIsNoReasonNotToStartWhileScalingIsOff() {
        Map<String, String> variables = Map.of("REDIS_HOST", "tls://cache", "REDIS_URL", "http://u:hunter2@h");
        List<String> warnings = Settings.read(variables, Optional.empty(), Overrides.none()).warnings();
        assertEquals(2, warnings.size(), warnings.toString());
        assertTrue(warnings.stream().allMatch(line -> line.startsWith("ignored while scaling is off: REDIS_")));
        assertFalse(warnings.toString().contains("hunter2"));
        Map<String, String> scaled = new HashMap<>(variables);
        scaled.put("REVERB_SCALING_ENABLED", "true");
        assertThrows(SettingsException.class, () -> Settings.read(scaled, Optional.empty(), Overrides.none()));
    }

    @ParameterizedTest
    @CsvSource({"REDIS_CAFILE, /nothing/there", "REDIS_SENTINEL_NODES, a b", "REDIS_CLUSTER_NODES, x:y",
            "REDIS_TLS, maybe", "REDIS_VERIFY_PEER, peer", "REDIS_DB, cache", "REDIS_TIMEOUT, never"})
    void noVariableOfRedisIsAReasonNotToStartWhileScalingIsOff(String variable, String value) {
        Settings settings = Settings.read(Map.of(variable, value), Optional.empty(), Overrides.none());
        assertFalse(settings.server().scaling().enabled());
        Map<String, String> scaled = Map.of(variable, value, "REVERB_SCALING_ENABLED", "true");
        assertThrows(SettingsException.class, () -> Settings.read(scaled, Optional.empty(), Overrides.none()));
    }

    @Test
    void quotesThatAContainerRuntimeLeavesAreLeftOut() {
        Settings settings = Settings.read(
                Map.of("REVERB_HOST", "\"localhost\"", "REVERB_APP_ID", "'my-app'", "REVERB_APP_KEY", "\"my-key\"",
                        "REVERB_APP_SECRET", "\"hunter2\"", "REVERB_SCHEME", "\"http\""),
                Optional.empty(), Overrides.none());
        assertEquals(Optional.of("localhost"), settings.server().publicAddress().host());
        App app = settings.apps().all().iterator().next();
        assertEquals("my-key", app.key());
        assertEquals("hunter2", app.secret());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.example.com b.example.com", "[\"a.example.com\"]", "a.example.com;b.example.com"})
    void aListInAVariableSaysThatCommasSeparate(String origins) {
        String message = String
                .valueOf(assertThrows(SettingsException.class,
                        () -> Settings.read(Map.of("REVERB_APP_ID", "a", "REVERB_APP_KEY", "k", "REVERB_APP_SECRET",
                                "s", "REVERB_APP_ALLOWED_ORIGINS", origins), Optional.empty(), Overrides.none()))
                        .getMessage());
        assertTrue(message.endsWith(", separated by commas"), message);
    }

    @Test
    void aFileOfVariablesIsReadAsFrameworksWriteIt() {
        Map<String, String> read = EnvFile.parse(".env", """
            # comment
            A=1
            export B="two # 2" # why
            C='${A}'
            D="x${A}y"
            E=
            F=a b # c
            not a line
            """);
        assertEquals(Map.of("A", "1", "B", "two # 2", "C", "${A}", "D", "x1y", "E", "", "F", "a b"), read);
        assertFalse(read.containsKey("not"));
    }

    @Test
    void theMarkThatSomeEditorsBeginAFileWithIsNoPartOfTheFirstName() {
        assertEquals(Map.of("REVERB_APP_ID", "a", "B", "c"), EnvFile.parse(".env", "\ufeffREVERB_APP_ID=a\r\nB=c\r\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "REVERB_APP_KEY: hunter2|REVERB_APP_KEY is not followed by a value; allowed is NAME=value",
            "export REDIS_PASSWORD hunter2|REDIS_PASSWORD is not followed by a value; allowed is NAME=value",
            "REVERB_APP_SECRET=\"hunter2|the quote at the value of REVERB_APP_SECRET is not closed in that line",
            "REVERB_APP_SECRET='hunter2|the quote at the value of REVERB_APP_SECRET is not closed in that line",
            "REVERB_APP_SECRET=\"hunter2\\\"|the quote at the value of REVERB_APP_SECRET is not closed in that line",})
    void aLineOfOursThatAssignsNothingIsAnErrorAndOneOfOthersIsNot(String line, String expected) {
        String message = String.valueOf(assertThrows(SettingsException.class,
                () -> EnvFile.parse(".env", "not a line\nKEY=\"of many\nlines\"\n" + line + "\n")).getMessage());
        assertEquals(".env:4: " + expected, message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"${SECRET}", "$SECRET", "{{ .Values.secret }}", "%SECRET%"})
    void aSecretThatIsAReferenceIsAWarning(String secret) throws IOException {
        for (Settings settings : List.of(read("apps: [{app_id: a, key: k, secret: \"" + secret + "\"}]"),
                Settings.read(Map.of("REVERB_APP_ID", "a", "REVERB_APP_KEY", "k", "REVERB_APP_SECRET", secret),
                        Optional.empty(), Overrides.none()))) {
            assertEquals(1, settings.warnings().size(), settings.warnings().toString());
            assertTrue(settings.warnings().getFirst().startsWith("application a: its secret is a reference such as "));
            assertFalse(settings.warnings().getFirst().contains("SECRET}"), settings.warnings().toString());
        }
        assertEquals(List.of(), read("apps: [{app_id: a, key: k, secret: \"a$b{c}%d\"}]").warnings());
    }

    @ParameterizedTest
    @CsvSource({"REVERB_METRICS_PORT,did you mean REVERB_MANAGEMENT_PORT?",
            "REVERB_TLS_CERTIFICATE,did you mean REVERB_TLS_CERT?", "REVERB_LOG_LEVEL,did you mean REVERB_DEBUG?",
            "REVERB_APP_WEBHOOKS,'it stands in the file only, which REVERB_CONFIG names'",})
    void whatIsCalledByAnotherNameElsewhereIsNamed(String name, String hint) {
        assertEquals(List.of("environment variables without a meaning here are ignored: " + name + " (" + hint + ")"),
                Settings.read(Map.of(name, "1"), Optional.empty(), Overrides.none()).warnings());
    }

    private Settings read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("reverb.json"), text);
        return Settings.read(Map.of(), Optional.of(file), Overrides.none());
    }
}
