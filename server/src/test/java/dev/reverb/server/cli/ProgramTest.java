package dev.reverb.server.cli;

import static dev.reverb.testkit.Await.holds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cli.client.TrustedCertificates;
import dev.reverb.server.tls.Authority;
import dev.reverb.testkit.Credentials;
import io.netty.channel.uring.IoUring;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program as people run it: processes, exit codes, what is printed. */
final class ProgramTest {
    static final Map<String, String> FREE_PORTS = Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0",
            "REVERB_MANAGEMENT_PORT", "0");
    private static final Map<String, String> ONE_APP = Map.of("REVERB_APP_ID", "shop", "REVERB_APP_KEY", "shop-key",
            "REVERB_APP_SECRET", "hunter2");

    @TempDir
    Path folder;

    /** The environment of a server with one application on free ports, to be added to. */
    static Map<String, String> oneApp() {
        Map<String, String> environment = new HashMap<>(FREE_PORTS);
        environment.putAll(ONE_APP);
        return environment;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingConfiguredServesADevelopmentApplicationThatItsOwnInstructionsReach(boolean apiApart) throws Exception {
        Map<String, String> environment = new HashMap<>(FREE_PORTS);
        if (apiApart) {
            environment.put("REVERB_API_PORT", "0");
        }
        try (HttpClient http = HttpClient.newHttpClient(); Program server = Program.run(folder, environment, "start")) {
            int port = server.port();
            server.await(line -> line.contains("curl -d"));
            String banner = server.output();
            assertTrue(banner.contains("FOR DEVELOPMENT ONLY"), banner);
            assertEquals(apiApart, !banner.contains(" REVERB_PORT=" + port + "\n"), banner);
            assertEquals(apiApart, banner.contains("VITE_REVERB_PORT=" + port + "\n"), banner);
            Subscriber subscriber = Subscriber.join(http, port, value("new Pusher\\('(\\w+)'", banner), "chat");

            String curl = banner.substring(banner.indexOf("body="))
                    .lines()
                    .map(String::strip)
                    .collect(Collectors.joining("\n"));
            try (Program shell = Program.execute(folder, Map.of(), List.of("bash", "-c", curl))) {
                assertEquals(0, shell.exit(), shell::output);
                assertTrue(shell.output().endsWith("{}"), shell.output());
            }
            assertTrue(subscriber.await("\"hello\"").contains("Hello"));

            List<String> flags = new ArrayList<>(flagsOfPublish(banner));
            flags.addAll(List.of("--channel", "chat", "--event", "again", "--data", "\"a\"b\""));
            try (Program command = Program.run(folder, Map.of(), flags.toArray(String[]::new))) {
                assertEquals(0, command.exit(), command::output);
            }
            assertTrue(subscriber.await("again").contains("\\\"a\\\"b\\\""));
        }
    }

    @Test
    void aDevelopmentApplicationOverTlsIsReachedByItsOwnInstructionsToo() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("localhost", 1);
        Map<String, String> environment = new HashMap<>(FREE_PORTS);
        environment.put("REVERB_TLS_CERT", authority.certificate("localhost").toString());
        environment.put("REVERB_TLS_KEY", authority.key("localhost").toString());
        environment.put("REVERB_HOST", "localhost");
        environment.put("REVERB_SERVER_PATH", "/ws");
        try (HttpClient http = HttpClient.newBuilder()
                .sslContext(TrustedCertificates.read(folder.resolve("ca.pem")))
                .build(); Program server = Program.run(folder, environment, "start")) {
            String root = "https://localhost:" + server.port() + "/ws";
            server.await(line -> line.contains("curl --cacert"));
            String banner = server.output();
            Subscriber subscriber = Subscriber.join(http, root.replace("https:", "wss:"),
                    value("new Pusher\\('(\\w+)'", banner), "chat");

            String curl = banner.substring(banner.indexOf("body="))
                    .lines()
                    .map(String::strip)
                    .collect(Collectors.joining("\n"));
            try (Program shell = Program.execute(folder, Map.of(), List.of("bash", "-c", curl))) {
                assertEquals(0, shell.exit(), shell::output);
                assertTrue(shell.output().endsWith("{}"), shell.output());
            }
            assertTrue(subscriber.await("\"hello\"").contains("Hello"));

            List<String> flags = new ArrayList<>(flagsOfPublish(banner));
            flags.addAll(List.of("--channel", "chat", "--event", "again"));
            publishes(flags, 0, "Published again to 1 channel: chat has 1 subscriber");
            subscriber.await("again");
            flags.set(flags.indexOf("--cafile") + 1, folder.resolve("ca.pem").toString());
            publishes(flags, 0, "Published again to 1 channel: chat has 1 subscriber");
            flags.set(flags.indexOf("--cafile") + 1, authority.key("localhost").toString());
            publishes(flags, 1, "holds no certificate in PEM form");
            flags.subList(flags.indexOf("--cafile"), flags.indexOf("--cafile") + 2).clear();
            publishes(flags, 1, "name its authority's certificate by --cafile FILE");
        }
    }

    private void publishes(List<String> flags, int exit, String said) throws Exception {
        try (Program command = Program.run(folder, Map.of(), flags.toArray(String[]::new))) {
            assertEquals(exit, command.exit(), command::output);
            assertTrue(command.output().contains(said), command.output());
            assertEquals(1, command.output().lines().count(), command.output());
        }
    }

    private static List<String> flagsOfPublish(String banner) {
        String publish = banner.lines().filter(line -> line.contains("reverb publish")).findFirst().orElseThrow();
        return List.of(publish.replace("\\", "").strip().split(" +")).stream().skip(1).toList();
    }

    @Test
    void theDebugStreamShowsMessagesAndWhereClientsComeFromAndMasksSignatures() throws Exception {
        Map<String, String> environment = oneApp();
        environment.put("REVERB_TRUSTED_PROXIES", "127.0.0.0/8");
        try (HttpClient http = HttpClient.newHttpClient();
                Program server = Program.run(folder, environment, "start", "--debug")) {
            Subscriber subscriber = new Subscriber();
            WebSocket socket = subscriber.connect(http.newWebSocketBuilder().header("X-Forwarded-For", "198.51.100.7"),
                    "ws://127.0.0.1:" + server.port(), "shop-key");
            server.await(line -> line.contains("connected from 198.51.100.7"));
            String id = value("socket_id\\\\\":\\\\\"([0-9.]+)", subscriber.await("socket_id"));
            String auth = new Credentials("shop", "shop-key", "hunter2").auth(id, "private-a");
            socket.sendText(
                    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-a\",\"auth\":\"" + auth + "\"}}",
                    true).join();
            subscriber.await("subscription_succeeded");
            server.await(line -> line.contains("< {\"event\":\"pusher:subscribe\"")
                    && line.contains("\"auth\":\"shop-key:***\""));
            server.await(line -> line.contains("> {\"event\":\"pusher_internal:subscription_succeeded\""));
            server.await(line -> line.contains("channel created private-a"));
            assertFalse(server.output().contains(auth.substring("shop-key:".length())), server.output());
            assertFalse(server.output().contains("hunter2"), server.output());
        }
    }

    @Test
    void aForwardedAddressOfAStrangerIsNotBelievedAndNothingIsStreamedByDefault() throws Exception {
        Map<String, String> environment = oneApp();
        environment.put("REVERB_TRUSTED_PROXIES", "192.0.2.0/24");
        for (String debug : List.of("true", "false")) {
            environment.put("REVERB_DEBUG", debug);
            try (HttpClient http = HttpClient.newHttpClient();
                    Program server = Program.run(folder, environment, "start")) {
                new Subscriber().connect(http.newWebSocketBuilder().header("X-Forwarded-For", "198.51.100.7"),
                        "ws://127.0.0.1:" + server.port(), "shop-key");
                if (debug.equals("true")) {
                    server.await(line -> line.contains("connected from 127.0.0.1"));
                }
                server.signal("TERM");
                assertEquals(0, server.exit(), server::output);
                assertFalse(server.output().contains("198.51.100.7"), server.output());
                assertEquals(debug.equals("true"), server.output().contains("connection_established"));
            }
        }
    }

    @Test
    void aHostThatIsNoneOfThisMachineAndATransportThatItLacksAreSaidInOneLine() throws Exception {
        try (Program server = Program.run(folder, FREE_PORTS, "start", "--host", "nowhere.invalid")) {
            assertEquals(1, server.exit());
            assertEquals("reverb: cannot listen on nowhere.invalid:0: no address of this machine has that name"
                    + " (REVERB_SERVER_HOST, --host)", server.output());
        }
        Map<String, String> environment = new HashMap<>(FREE_PORTS);
        environment.put("REVERB_TRANSPORT", "io_uring");
        try (Program server = Program.run(folder, environment, "start")) {
            if (IoUring.isAvailable()) {
                assertTrue(server.port() > 0, server.output());
            } else {
                assertEquals(1, server.exit());
                assertEquals(1, server.output().lines().count(), server.output());
                assertTrue(server.output().startsWith("reverb: REVERB_TRANSPORT: \"io_uring\" does not work"),
                        server.output());
            }
        }
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
                Program server = Program.run(folder, FREE_PORTS, "start", "--port",
                        Integer.toString(taken.getLocalPort()))) {
            assertEquals(1, server.exit());
            assertEquals(1, server.output().lines().count(), server.output());
            assertTrue(server.output().startsWith("reverb: "), server.output());
            assertTrue(server.output().contains(Integer.toString(taken.getLocalPort())), server.output());
        }
    }

    @Test
    void checkSaysWhatWouldBeServedAndMasksSecrets() throws Exception {
        Path config = Files.writeString(folder.resolve("reverb.yaml"), """
            redis: {url: "redis://u:hunter2@cache:6379"}
            scaling: {enabled: true}
            rebalance: {enabled: true, tolerance_percent: 40}
            apps: [{app_id: blog, key: blog-key, secret: hunter2, previous_secrets: [hunter2-old]}]
            """);
        try (Program check = Program.run(folder, ONE_APP, "check", "--config", config.toString(), "--port", "9000")) {
            assertEquals(0, check.exit(), check::output);
            assertFalse(check.output().contains("hunter2"), check.output());
            for (String said : List.of("http://0.0.0.0:9000", "cache:6379", "2 applications", "shop-key", "blog-key",
                    "2 secrets ****", "open-files limit", "40% above the mean", "at most 10 a second")) {
                assertTrue(check.output().contains(said), said + " is not in " + check.output());
            }
        }
        Files.writeString(config, "apps: [{app_id: blog}]");
        try (Program check = Program.run(folder, ONE_APP, "check", "--config", config.toString())) {
            assertEquals(1, check.exit());
            assertEquals(
                    "reverb: apps[0] (" + config
                            + ":1): key and secret are missing; an application needs all of app_id, key, secret",
                    check.output());
        }
    }

    @Test
    void checkAndPublishFollowThePortOfTheApi() throws Exception {
        Map<String, String> environment = new HashMap<>(ONE_APP);
        environment.put("REVERB_API_PORT", "9100");
        try (Program check = Program.run(folder, environment, "check")) {
            assertEquals(0, check.exit(), check::output);
            assertTrue(check.output().contains("http://0.0.0.0:9100/apps"), check.output());
        }
        try (Program publish = Program.run(folder, environment, "publish", "--channel", "a", "--event", "b")) {
            assertEquals(1, publish.exit(), publish::output);
            assertTrue(publish.output().contains("http://127.0.0.1:9100"), publish.output());
        }
        environment.put("REVERB_PORT", "9100");
        try (Program check = Program.run(folder, environment, "check")) {
            assertEquals(0, check.exit(), check::output);
            assertTrue(check.output().contains("VITE_REVERB_PORT"), check.output());
        }
    }

    @Test
    void aServerFollowsItsFile() throws Exception {
        Path config = Files.writeString(folder.resolve("reverb.yaml"),
                "apps: [{app_id: a, key: key-a, secret: hunter2}]");
        try (HttpClient http = HttpClient.newHttpClient();
                Program server = Program.run(folder, FREE_PORTS, "start", "--config", config.toString())) {
            Subscriber subscriber = Subscriber.join(http, server.port(), "key-a", "chat");

            Files.writeString(config, "apps: [{app_id: b, key: key-b, secret: hunter2}]\nserver: {port: 1}\n");

            assertEquals(4001, subscriber.closeCode());
            Subscriber.join(http, server.port(), "key-b", "chat");
            server.await(line -> line.contains("application a removed, application b added"));
            server.await(line -> line.contains("server.port will be in force after a restart"));
            Files.writeString(config, "apps: [{app_id: b, key: key-b, secret: hunter2, colour: red}]");
            server.await(line -> line.contains("Application b is refused, what was in force stays so")
                    && line.contains("there is no such key"));
            String metrics = http.send(HttpRequest
                    .newBuilder(URI.create(value("health and metrics on (\\S+)", server.output()) + "/metrics"))
                    .build(), HttpResponse.BodyHandlers.ofString()).body();
            assertTrue(metrics.contains("reverb_settings_stale 1.0"), metrics);
            assertTrue(metrics.contains("reverb_reloads_failed_total 1.0"), metrics);
            assertFalse(server.output().contains("hunter2"));
        }
    }

    @Test
    void linesOfTheLogCanBeJson() throws Exception {
        Map<String, String> environment = oneApp();
        environment.put("REVERB_LOG_FORMAT", "json");
        try (Program server = Program.run(folder, environment, "start")) {
            String line = server.await(text -> text.contains("listens on"));
            assertTrue(
                    line.matches(
                            "\\{\"time\":\"[^\"]+Z\",\"level\":\"INFO\",\"logger\":\"[^\"]+\",\"message\":\"[^\"]+\"}"),
                    line);
        }
    }

    static String value(String pattern, String text) throws IOException {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new IOException("no " + pattern + " in " + text);
        }
        return matcher.group(1);
    }
}
