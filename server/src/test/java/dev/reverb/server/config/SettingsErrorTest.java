package dev.reverb.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.AppCatalogue;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a wrong setting is answered with: one line with the key, where it came from, the value, and what is allowed. */
final class SettingsErrorTest {
    private static final String APP = "app_id: a, key: k, secret: hunter2";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "REVERB_SERVER_PORT|80a|\"80a\" is not allowed; allowed is a whole number from 0 to 65535",
            "REVERB_SERVER_PORT|1.5e0|\"1.5e0\" is not allowed; allowed is a whole number from 0 to 65535",
            "REVERB_SERVER_PORT|65536|\"65536\" is not allowed; allowed is a whole number from 0 to 65535",
            "REVERB_SERVER_HOST|a b|\"a b\" is not allowed; allowed is a host name or an address, " + "without a port",
            "REVERB_SERVER_HOST|127.0.0.1:80|\"127.0.0.1:80\" is not allowed; allowed is a host name or an "
                    + "address, without a port",
            "REDIS_HOST|127.0.0.1:6379|\"127.0.0.1:6379\" is not allowed; allowed is a host name or an "
                    + "address, without a port",
            "REVERB_HOST|localhost:8080|\"localhost:8080\" is not allowed; allowed is a host name or an "
                    + "address, without a port",
            "REVERB_APP_ALLOWED_ORIGINS|a.com:65536|\"a.com:65536\" is not allowed; allowed is a list of host "
                    + "names with * wildcards, such as *.example.com, without a scheme",
            "REVERB_SERVER_PATH|/a?b|\"/a?b\" is not allowed; allowed is a path such as /ws",
            "REVERB_PORT|0|\"0\" is not allowed; allowed is a whole number from 1 to 65535",
            "REVERB_SCHEME|ftp|\"ftp\" is not allowed; allowed is http or https",
            "REVERB_MAX_REQUEST_SIZE|0|\"0\" is not allowed; allowed is a size from 1 to 268435456 bytes "
                    + "(units kB, KiB, MB, MiB)",
            "REVERB_SIGNATURE_TOLERANCE|1500ms|\"1500ms\" is not allowed; allowed is whole seconds from 1 "
                    + "to 86400 (units s, m, h, d)",
            "REVERB_DRAIN_DURATION|soon|\"soon\" is not allowed; allowed is a time from 0s to 1d (a bare "
                    + "number is seconds; units ms, s, m, h, d)",
            "REVERB_DRAIN_DURATION|999999999999d|\"999999999999d\" is not allowed; allowed is a time from "
                    + "0s to 1d (a bare number is seconds; units ms, s, m, h, d)",
            "REVERB_TRUSTED_PROXIES|10.0.0.0/33|\"10.0.0.0/33\" is not allowed; allowed is a list of "
                    + "addresses and CIDR ranges, or * for every address",
            "REVERB_TRANSPORT|kqueue|\"kqueue\" is not allowed; allowed is one of auto, epoll, io_uring, nio",
            "REVERB_SCALING_ENABLED|ja|\"ja\" is not allowed; allowed is true or false",
            "REVERB_SCALING_CHANNEL|a{b}|\"a{b}\" is not allowed; allowed is 1 to 100 letters, digits and _ . : -",
            "REDIS_URL|http://u:hunter2@h|the value (masked) is not allowed; allowed is "
                    + "redis://user:password@host:port/db, or rediss:// for TLS; the signs "
                    + "@ : / ? # % of a password stand there as %40 %3A %2F %3F %23 %25",
            "REDIS_SENTINEL_NODES|a,b c|\"a,b c\" is not allowed; allowed is a list of host:port, separated by commas",
            "REVERB_APP_ID|a/b|\"a/b\" is not allowed; allowed is 1 to 200 letters, digits and . _ ~ -",
            "REVERB_APP_SECRET|`hunter2 `|the value (masked) is not allowed; allowed is 1 to 1000 "
                    + "characters without white space at the ends",
            "REVERB_APP_ALLOWED_ORIGINS|https://a.com|\"https://a.com\" is not allowed; allowed is a list "
                    + "of host names with * wildcards, such as *.example.com, without a scheme",
            "REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM|some|\"some\" is not allowed; allowed is one of all, members, none",
            "REVERB_APP_MAX_CONNECTIONS|0|\"0\" is not allowed; allowed is a whole number, at least 1",
            "REVERB_APP_MAX_MESSAGE_SIZE|2MiB|\"2097152\" is not allowed; allowed is at most "
                    + "limits.outbound_buffer, which is 1048576",
            "REVERB_TLS_KEY|/k.pem|means nothing without a certificate; set tls.local_cert (REVERB_TLS_CERT) too",
            "REVERB_TLS_VERIFY_PEER|true|clients can only be verified over TLS; set tls.local_cert "
                    + "(REVERB_TLS_CERT) too",
            "REVERB_TLS_CERT|/no/such.pem|\"/no/such.pem\" is not there; allowed is a " + "readable PEM file",
            "REVERB_MANAGEMENT_PORT|8080|\"8080\" is not allowed, as server.port is the same; allowed is "
                    + "another port, or 0 for any free one",
            "REVERB_API_PORT|8080|\"8080\" is not allowed, as server.port is the same; allowed is "
                    + "another port, or 0 for any free one",
            "REVERB_API_PORT|8081|\"8081\" is not allowed, as management.port is the same; allowed is "
                    + "another port, or 0 for any free one",
            "REVERB_API_PORT|api|\"api\" is not allowed; allowed is a whole number from 0 to 65535",
            "REVERB_API_HOST|127.0.0.1|means nothing while the HTTP API has no port of its own; set "
                    + "server.api_port (REVERB_API_PORT) too",})
    void aWrongVariable(String variable, String value, String expected) {
        Map<String, String> env = new HashMap<>(Map.of("REVERB_APP_ID", "1", "REVERB_APP_KEY", "k", "REVERB_APP_SECRET",
                "s", "REVERB_MANAGEMENT_HOST", "0.0.0.0"));
        if (variable.startsWith("REDIS_")) {
            env.put("REVERB_SCALING_ENABLED", "true"); // without it they are a Laravel application's
        }
        env.put(variable, value);

        String message = assertThrows(SettingsException.class,
                () -> Settings.read(env, Optional.empty(), Overrides.none())).getMessage();

        assertEquals(variable + ": " + expected, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "server: {port: x}|server.port (FILE:1): \"x\" is not allowed; allowed is a whole number from 0 to 65535",
            "`server:\\n  prot: 1`|server.prot (FILE:2): there is no such key; did you mean server.port?",
            "port: 9000|port (FILE:1): there is no such key; did you mean server.port?",
            "hostname: a|hostname (FILE:1): there is no such key; did you mean public.host?",
            "redis: {prefix: a}|redis.prefix (FILE:1): there is no such key; did you mean scaling.channel?",
            "drian: {duration: 5}|drian (FILE:1): there is no such key; did you mean drain?",
            "drain: 5|drain (FILE:1): keys are expected below it: closes_per_second, duration, notice, presence_linger",
            "drain: {xyzzy: 5}|drain.xyzzy (FILE:1): there is no such key; allowed here: "
                    + "closes_per_second, duration, notice, presence_linger",
            "server: {host: [a, b]}|server.host (FILE:1): \"[a, b]\" is not allowed; allowed is a host name "
                    + "or an address, without a port",
            "apps: yes|apps (FILE:1): a list of applications is expected; allowed is \"apps: []\" for none",
            "apps: [a]|apps[0] (FILE:1): an application is expected, with app_id, key, secret",
            "`apps:\\n  - app_id: a\\n    key: k`|apps[0] (FILE:2): secret is missing; an application needs "
                    + "all of app_id, key, secret",
            "apps: [{APP, id: 5}]|apps[0].id (FILE:1): there is no such key; did you mean app_id?",
            "apps: [{APP, max_conections: 5}]|apps[0].max_conections (FILE:1): there is no such key; did "
                    + "you mean max_connections?",
            "apps: [{APP, rate_limiting: {enable: true}}]|apps[0].rate_limiting.enable (FILE:1): there is "
                    + "no such key; did you mean rate_limiting.enabled?",
            "apps: [{APP, ping_interval: 0}]|apps[0].ping_interval (FILE:1): \"0\" is not allowed; allowed "
                    + "is whole seconds from 1 to 86400 (units s, m, h, d)",
            "apps: [{APP, max_event_size: 2MiB}]|apps[0].max_event_size (FILE:1): \"2097152\" is not "
                    + "allowed; allowed is at most limits.outbound_buffer, which is 1048576",
            "apps: [{APP, webhooks: [{events: []}]}]|apps[0].webhooks[0] (FILE:1): url is missing",
            "apps: [{APP, webhooks: [{url: \"http://x\", headers: {\"X A\": b}}]}]|apps[0].webhooks[0].headers "
                    + "(FILE:1): \"X A\" is not a header name; allowed is 1 to 200 letters, digits and signs such as -",
            "apps: [{APP, webhooks: [shop.example.com/x]}]|apps[0].webhooks[0] (FILE:1): \"shop.example.com/x\" is "
                    + "not allowed; allowed is an http or https address",
            "apps: [{APP, webhooks: [ftp://x]}]|apps[0].webhooks[0] (FILE:1): \"ftp://x\" is not allowed; "
                    + "allowed is an http or https address",
            "apps: [{APP, webhooks: [{url: \"http://x\", events: [x]}]}]|apps[0].webhooks[0].events "
                    + "(FILE:1): \"[x]\" is not allowed; allowed is a list of cache_miss, channel_occupied, "
                    + "channel_vacated, client_event, connection_closed, connection_opened, connection_pruned, "
                    + "member_added, member_removed, subscription_count",
            "`apps:\\n- {APP}\\n- {app_id: a, key: l, secret: s}`|application id \"a\" is given twice: by "
                    + "apps[0] (FILE:2) and by apps[1] (FILE:3); every application needs its own",
            "`apps:\\n- {APP}\\n- {app_id: b, key: k, secret: s}`|application key \"k\" is given twice: by "
                    + "apps[0] (FILE:2) and by apps[1] (FILE:3); every application needs its own",
            "`log: {}\\nlog: {}`|FILE:2: the key \"log\" stands there twice",
            "`server:\\n\\tport: 1`|FILE:2: not valid YAML: found character '\\t(TAB)' that cannot start "
                    + "any token. (Do not use \\t(TAB) for indentation)",
            "`apps:\\n  - app_id: a\\n   key: b`|FILE:3: not valid YAML: expected <block end>, but found "
                    + "'<block mapping start>'; is this line indented as its neighbours are?",
            "server: {port: 80|FILE:1: not valid YAML: expected ',' or '}', but got <stream end>; a bracket or a "
                    + "quote is opened and not closed",
            "`server:\\n  path: a: b`|FILE:2: not valid YAML: mapping values are not allowed here; a value that "
                    + "holds \": \" stands in quotes, and keys of one section begin in one column",
            "`server:\\n  path: @a`|FILE:2: not valid YAML: found character '@' that cannot start any token. (Do "
                    + "not use @ for indentation); a value that begins so stands in quotes",
            "- a|FILE:1: keys and values are expected, such as apps:",
            "`REDIS_HOST=a\\nREDIS_PORT=1`|FILE:1: keys and values are expected, such as apps:; lines of NAME=value "
                    + "are variables, which belong into the environment, or into reverb.env in a folder that --service "
                    + "names",
            "apps: {APP}|apps (FILE:1): a list of applications is expected, each behind a dash, such as \"- app_id: "
                    + "shop\"; allowed is \"apps: []\" for none",
            "`apps:\\n- app_id:a\\n  key:k`|apps[0] (FILE:2): an application is expected, with app_id, key, secret; a "
                    + "space belongs behind each colon",
            "`  apps:\\n- app_id: a`|FILE:2: not valid YAML: expected '<document start>', but found '<block sequence "
                    + "start>'; is this line indented as its neighbours are?",
            "`apps: [{app_id: a, secret: ${X}}]`|FILE:1: not valid YAML: expected ',' or '}', but got {; a comma is "
                    + "missing, or a value that holds one of { } [ ] , stands in quotes",
            "app_id: a|app_id (FILE:1): there is no such key; did you mean apps[].app_id?",
            "allowed_origins: [a]|allowed_origins (FILE:1): there is no such key; did you mean apps[].allowed_origins?",
            "tls: {cert: a.pem}|tls.cert (FILE:1): there is no such key; did you mean tls.local_cert?",
            "tls: {enabled: true}|tls.enabled (FILE:1): there is no such key; did you mean tls.local_cert?",
            "metrics: {port: 1}|metrics (FILE:1): there is no such key; did you mean management?",
            "logging: {format: json}|logging (FILE:1): there is no such key; did you mean log?",
            "scaling: {prefix: a}|scaling.prefix (FILE:1): there is no such key; did you mean scaling.channel?",
            "apps: [{APP, enableClientMessages: true}]|apps[0].enableClientMessages (FILE:1): there is no such key; "
                    + "did you mean accept_client_events_from?",
            "apps: [{APP, capacity: 5}]|apps[0].capacity (FILE:1): there is no such key; did you mean "
                    + "max_connections?",})
    void aWrongFile(String yaml, String expected) throws IOException {
        Path file = write(yaml.replace("APP", APP).replace("\\n", "\n").replace("\\t", "\t"));

        String message = message(Map.of(), file);

        assertEquals(expected.replace("FILE", file.toString()), message);
    }

    /** Everything that a variable can be set to is refused where it is wrong, in one line that names the variable. */
    @Test
    void everySettingRefusesWhatItCannotBe() {
        Map<String, String> app = Map.of("REVERB_APP_ID", "1", "REVERB_APP_KEY", "k", "REVERB_APP_SECRET", "s",
                "REDIS_SENTINEL_NODES", "a", "REVERB_SCALING_ENABLED", "true");
        for (Setting<?> setting : Stream.concat(ServerSettings.ALL.stream(), AppCatalogue.ALL.stream()).toList()) {
            String message = Stream.of("hunter2\u0000", "hunter2\n,hunter2", " ;", "hunter2".repeat(200)).map(wrong -> {
                Map<String, String> env = new HashMap<>(app);
                env.put(setting.variable(), wrong);
                try {
                    Settings.read(env, Optional.empty(), Overrides.none());
                    return "";
                } catch (SettingsException e) {
                    return String.valueOf(e.getMessage());
                }
            })
                    .filter(said -> said.contains("allowed is "))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(setting + " takes everything"));
            assertTrue(message.contains(setting.variable()), message);
            assertEquals(1, message.lines().count(), message);
            assertFalse(setting.secret() && message.contains("hunter2"), message);
        }
    }

    @Test
    void applicationsOfEnvironmentAndFileMustDiffer() throws IOException {
        Path file = write("apps: [{" + APP + "}]");

        assertEquals(
                "application id \"a\" is given twice: by the environment and by apps[0] (" + file
                        + ":1); every application needs its own",
                message(Map.of("REVERB_APP_ID", "a", "REVERB_APP_KEY", "l", "REVERB_APP_SECRET", "s"), file));
    }

    @Test
    void anApplicationInTheEnvironmentNeedsAllThreeCredentials() throws IOException {
        assertEquals(
                "application in the environment: REVERB_APP_KEY and REVERB_APP_SECRET are missing; an application"
                        + " needs all of REVERB_APP_ID, REVERB_APP_KEY, REVERB_APP_SECRET",
                message(Map.of("REVERB_APP_ID", "a"), write("log: {}")));
    }

    @Test
    void sentinelsAndAClusterExcludeEachOther() throws IOException {
        Path file = write("redis: {sentinel: {nodes: [a]}}");

        assertEquals(
                "redis.sentinel.nodes (" + file
                        + ":1) and REDIS_CLUSTER_NODES: both are set; allowed is one of them, Sentinels or a Cluster",
                message(Map.of("REDIS_CLUSTER_NODES", "b"), file));
    }

    @Test
    void aClusterHasOneDatabase() throws IOException {
        assertEquals("REDIS_DB: \"2\" is not allowed; allowed is 0 with a Redis Cluster, which has no other database",
                message(Map.of("REDIS_CLUSTER_NODES", "b", "REDIS_DB", "2"), write("log: {}")));
    }

    @Test
    void clientsAreVerifiedAgainstSomethingOrNotAtAll() throws IOException {
        Path pem = Files.writeString(folder.resolve("a.pem"), "x");
        Path file = write("tls: {local_cert: " + pem + ", verify_peer: true}");
        assertEquals("tls.verify_peer (" + file + ":1): there is nothing to verify clients against; set tls.cafile"
                + " (REVERB_TLS_CAFILE) too", message(Map.of(), file));
        assertEquals(
                "REVERB_TLS_CAFILE: means nothing while clients are not verified; set tls.verify_peer"
                        + " (REVERB_TLS_VERIFY_PEER) to true, or leave it out",
                message(Map.of("REVERB_TLS_CAFILE", pem.toString(), "REVERB_TLS_CERT", pem.toString()),
                        write("log: {}")));
    }

    @Test
    void passwordsInAddressesAndSignsThatSteerATerminalAreNotShown() throws IOException {
        String message = message(Map.of(),
                write("apps: [{" + APP + ", webhooks: [\"ftp://user:hunter3@example.com/\\u009b31m\"]}]"));

        assertFalse(message.contains("hunter3"), message);
        assertTrue(message.contains("ftp://****@example.com"), message);
        assertFalse(message.contains("\u009b"), message);
        String key = message(Map.of(), write("\"a\\u009b31m\": 1"));
        assertFalse(key.contains("\u009b"), key);
    }

    @Test
    void aCheckNamesTheFirstWrongApplicationAndCountsTheOthers() throws IOException {
        Path file = write("apps: [{app_id: a, key: k}, {app_id: b, key: l, secret: s}, {app_id: c}]");

        assertEquals("apps[0] (" + file + ":1): secret is missing; an application needs all of app_id, key, secret"
                + " (and 1 more)", message(Map.of(), file));
        assertEquals(1, Settings.lenient(Map.of(), Optional.of(file), Overrides.none()).apps().all().size());
    }

    @Test
    void aFlagIsCalledByItsName() {
        assertEquals("--port: \"x\" is not allowed; allowed is a whole number from 0 to 65535",
                assertThrows(SettingsException.class, () -> Settings.read(Map.of(), Optional.empty(),
                        Overrides.none().with(ServerSettings.PORT_BOUND, Optional.of("x")))).getMessage());
    }

    @Test
    void aFileThatIsNotThere() {
        assertEquals("configuration file \"/no/such.yaml\" is not there; allowed is a readable YAML file (--config or"
                + " REVERB_CONFIG)", message(Map.of(), Path.of("/no/such.yaml")));
        assertEquals("configuration file \"" + folder + "\" is a folder; allowed is a YAML file",
                message(Map.of(), folder));
    }

    @Test
    void aFileThatIsNotUtf8() throws IOException {
        Path file = Files.write(folder.resolve("latin.yaml"), new byte[]{'a', ':', ' ', (byte) 0xe9});

        assertEquals(file + ": not valid UTF-8; allowed is a file in UTF-8", message(Map.of(), file));
        Files.write(file, "apps: []".getBytes(StandardCharsets.UTF_16));
        assertEquals(file + ": not valid UTF-8, but UTF-16, as some editors write; allowed is a file in UTF-8",
                message(Map.of(), file));
    }

    @Test
    void anAnchorInsideItselfEnds() throws IOException {
        Path file = write("apps: &a [*a]");

        assertTrue(message(Map.of(), file).endsWith("nested deeper than any setting"));
    }

    @Test
    void secretsAreNeverShownAndMessagesAreOneLine() throws IOException {
        for (String yaml : new String[]{"apps: [{app_id: a, key: k, secret: \" hunter2\"}]",
                "apps: [{app_id: a, key: k, secret: [hunter2]}]",
                "apps: [{app_id: a, key: k, secret: {hunter2: hunter2}}]",
                "apps: [{app_id: a, key: k, secret: x, previous_secrets: [\"hunter2\\n\"]}]",
                "redis: {password: \"hunter2\\nhunter2\"}", "redis: {url: \"hunter2\"}"}) {
            String message = message(Map.of(), write(yaml));
            assertFalse(message.contains("hunter2"), message);
            assertEquals(1, message.lines().count(), message);
        }
        assertEquals(1, message(Map.of(), write("server: {host: \"a\\nb\"}")).lines().count());
    }

    private static String message(Map<String, String> env, Path file) {
        return String.valueOf(
                assertThrows(SettingsException.class, () -> Settings.read(env, Optional.of(file), Overrides.none()))
                        .getMessage());
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("reverb.yaml"), yaml);
    }
}
