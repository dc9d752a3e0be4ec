package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reverb.server.cli.Pages.Block;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.WebhookReceiver;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command of README and pages: those of {@code reverb} are run as they stand, in a folder that the page describes
 * and on ports that are free; of the others each is run here, or is known with where it is tried.
 */
final class DocsCommandsTest {
    private static final Set<String> SHELL = Set.of("sh", "text", "");
    private static final Pattern OURS = Pattern
            .compile("((?:[A-Z_]+=\\S* )*)(?:\\./|/opt/reverb/)?reverb (start|check|publish|tail|restart)\\b(.*)");
    private static final Pattern MANAGEMENT = Pattern.compile("health and metrics on (http://127.0.0.1:\\d+)");

    /** Blocks that are no commands, by how they begin, and what tries them. */
    private static final Map<String, String> NO_COMMANDS = Map.of("10:04:31.120", "TailCommandTest, DebugTest",
            "POST /reverb HTTP/1.1", "webhooks.test.mjs", "# /etc/sysctl.d", "theKernelKnowsWhatIsSetInIt",
            "ACL SETUSER", "DocumentedUserTest");

    /** Pages whose block is a drawing. */
    private static final Set<String> DRAWN = Set.of("docs/architecture.md", "docs/decisions/0008-rooms.md");

    /** Commands that are not run here: why, or what tries them. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("npm install .*|composer .*", "laravel-tools.test.mjs"),
            Map.entry("php artisan vendor:publish .*", "ArtisanTest.php"),
            Map.entry("php artisan (install:broadcasting|tinker) .*",
                    "needs a Laravel that Debian has no package of; LaravelConfigTest reads what tinker writes"),
            Map.entry("docker .*|cp \\.env\\.example \\.env", "DocsContainerTest, without the engine"),
            Map.entry("\\./mvnw -P images .*", "dev/images, in the end-to-end tests"),
            Map.entry("helm .*|kubectl .*|dev/(up|down)", "the end-to-end tests, on a real Kubernetes"),
            Map.entry("dev/test|\\./mvnw verify", "what runs this"), Map.entry("bench/run.*", "the tests of bench"),
            Map.entry("(\\./|/opt/reverb/)reverb build", "LauncherTest"),
            Map.entry("git .*|useradd .*|userdel .*|rm -r /etc.*|cp .*reverb.service .*", "DocsInstallTest"),
            Map.entry("systemctl (en|dis)able --now reverb", "DocsInstallTest, for the next boot"),
            Map.entry("systemctl (daemon-reload|restart reverb)",
                    "needs a running systemd; ServiceTest runs what the unit starts"),
            Map.entry("cd .*", "the folder that a test makes"),
            Map.entry("install .*", "theStepsOfAnInstallationLeaveFilesThatTheServiceReadsAndOthersDoNot"),
            Map.entry("curl -s http://127.0.0.1:8081/.*", "theManagementPortAnswersWhatThePageAsks"),
            Map.entry("javac .*|mkdir .*|echo com.*|jar .*", "aListenerIsMadeAsThePageSays"));

    @TempDir
    static Path shared;

    private static Program server;

    @TempDir
    Path folder;

    @BeforeAll
    static void serve() throws Exception {
        Path file = Files.writeString(shared.resolve("reverb.yaml"), """
            apps:
              - {app_id: my-app, key: my-key, secret: my-secret}
              - {app_id: shop, key: shop-key, secret: shop-secret}
            """);
        server = Program.run(shared, ProgramTest.FREE_PORTS, "start", "--config", file.toString());
    }

    @AfterAll
    static void end() {
        server.close();
    }

    /** One command of a page. */
    record Line(Block block, String text) {

        static List<Line> all() throws IOException {
            List<Line> lines = new ArrayList<>();
            for (Block block : Pages.blocks()) {
                boolean commands = NO_COMMANDS.keySet().stream().noneMatch(block.text()::startsWith)
                        && !DRAWN.contains(block.page());
                if (SHELL.contains(block.language()) && commands) {
                    block.commands().forEach(text -> lines.add(new Line(block, text)));
                }
            }
            return lines;
        }

        @Override
        public String toString() {
            return block + " " + text;
        }
    }

    /** The program by the name {@code reverb}, on the PATH. */
    @BeforeEach
    void install() throws IOException {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path program = Files.writeString(bin.resolve("reverb"), "#!/bin/sh\nexec "
                + Path.of(System.getProperty("java.home"), "bin", "java")
                + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Djava.io.tmpdir="
                + folder + " -cp " + Program.classPath() + " " + Main.class.getName() + " \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Program shell(Map<String, String> environment, String script) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        return Program.execute(folder, all, List.of("bash", "-ec", script));
    }

    @Test
    void everyCommandIsRunHereOrKnown() throws IOException {
        List<Line> lines = Line.all();
        List<String> unknown = lines.stream()
                .filter(line -> !OURS.matcher(line.text()).matches()
                        && ELSEWHERE.keySet().stream().noneMatch(line.text()::matches)
                        && !line.block().text().startsWith("id=my-app"))
                .map(Line::toString)
                .toList();
        assertEquals(List.of(), unknown);
        for (String known : ELSEWHERE.keySet()) {
            assertTrue(lines.stream().anyMatch(line -> line.text().matches(known)), "on no page: " + known);
        }
    }

    static Stream<Line> ours() throws IOException {
        List<Line> lines = Line.all()
                .stream()
                .filter(line -> OURS.matcher(line.text()).matches() && !line.text().contains("--webhooks"))
                .toList();
        assertTrue(lines.size() > 12, lines.toString());
        return lines.stream();
    }

    @ParameterizedTest
    @MethodSource("ours")
    void aCommandDoesWhatThePageSays(Line line) throws Exception {
        Map<String, String> environment = new HashMap<>(ProgramTest.FREE_PORTS);
        String expected = layOut(line.block().page(), environment);
        Matcher matcher = OURS.matcher(line.text());
        assertTrue(matcher.matches());
        String arguments = matcher.group(3)
                .replaceFirst(" --port \\d+", matcher.group(2).equals("start") ? " --port 0" : "")
                .replace("/etc/reverb", folder.resolve("etc").toString())
                .replace("/opt/reverb-listeners", folder.resolve("listeners").toString());
        String command = "exec env " + matcher.group(1).replaceAll("_PORT=\\d+", "_PORT=0") + "reverb "
                + matcher.group(2) + arguments;
        switch (matcher.group(2)) {
            case "start" -> starts(environment, command);
            case "restart" -> {
                try (Program ends = shell(environment, "exec reverb start")) {
                    int port = ends.port();
                    says(environment, command + " --port " + port, "is draining");
                    assertEquals(0, ends.exit(), ends::output);
                }
            }
            case "tail" -> {
                try (Program tail = shell(environment, command + " --port " + server.port())) {
                    tail.await(said -> said.startsWith("-- tail of application shop"));
                }
            }
            case "publish" -> says(environment, command + " --port " + server.port(), "Published ");
            default -> says(environment, command, expected);
        }
    }

    private void starts(Map<String, String> environment, String command) throws Exception {
        try (Program started = shell(environment, command)) {
            started.port();
            if (command.contains("REVERB_API_PORT")) {
                started.await(line -> line.contains("The HTTP API is on http://127.0.0.1:"));
            }
            if (command.contains("--listeners")) {
                started.await(line -> line.contains("Listeners: com.example.Audit"));
            }
            started.signal("TERM");
            assertEquals(0, started.exit(), started::output);
        }
    }

    private void says(Map<String, String> environment, String command, String expected) throws Exception {
        try (Program program = shell(environment, command)) {
            assertEquals(0, program.exit(), program::output);
            assertTrue(program.output().contains(expected), program.output());
        }
    }

    /** Makes what {@code page} takes for given; returns what a check there says. */
    private String layOut(String page, Map<String, String> environment) throws Exception {
        switch (page) {
            case "README.md" -> {
                Files.writeString(folder.resolve("reverb.yaml"), Pages.block(page, "yaml"));
                return "2 applications";
            }
            case "docs/laravel.md" -> {
                Files.writeString(folder.resolve("artisan"), "");
                Files.writeString(folder.resolve(".env"), Pages.block(page, "dotenv"));
                return "This is a Laravel application: from " + folder + "/.env are taken REVERB_APP_ID, ";
            }
            case "docs/listeners.md" -> makeListener();
            case "docs/migrate.md" -> {
                Files.writeString(folder.resolve("artisan"), "");
                Files.writeString(folder.resolve(".env"), Pages.block("docs/laravel.md", "dotenv"));
                Files.writeString(folder.resolve("reverb.json"), """
                    {"default":"reverb","servers":{"reverb":{"host":"0.0.0.0","port":8080,"path":"","hostname":null,
                    "options":{"tls":[]},"max_request_size":10000,"scaling":{"enabled":false,"channel":"reverb",
                    "server":{"url":null,"host":"127.0.0.1","port":"6379","username":null,"password":null,
                    "database":"0"}},"pulse_ingest_interval":15,"telescope_ingest_interval":15}},"apps":{
                    "provider":"config","apps":[{"key":"my-key","secret":"my-secret","app_id":"my-app","options":{
                    "host":"localhost","port":8080,"scheme":"http","useTLS":false},"allowed_origins":["*"],
                    "ping_interval":60,"activity_timeout":30,"max_message_size":10000},{"key":"second-key",
                    "secret":"second-secret","app_id":"second","options":{},"allowed_origins":["*"]}]}}
                    """);
                return "2 applications";
            }
            case "docs/troubleshooting.md" -> environment.putAll(
                    Map.of("REVERB_APP_ID", "shop", "REVERB_APP_KEY", "shop-key", "REVERB_APP_SECRET", "shop-secret"));
            case "docs/upgrade.md" -> {
                Files.createDirectory(folder.resolve("etc"));
                Files.writeString(folder.resolve("etc/reverb.yaml"), Pages.block("README.md", "yaml"));
                return "2 applications";
            }
            default -> {
            }
        }
        return "application";
    }

    private void makeListener() throws Exception {
        List<Block> blocks = Pages.blocks("docs/listeners.md");
        Files.writeString(folder.resolve("Audit.java"), Pages.block("docs/listeners.md", "java"));
        Files.createDirectory(folder.resolve("listeners"));
        String script = blocks.getLast()
                .text()
                .replace("server/target/reverb-server.jar", Program.classPath())
                .replace("/opt/reverb-listeners", folder.resolve("listeners").toString())
                .replaceAll("(?m)^(javac|jar) ", Path.of(System.getProperty("java.home"), "bin") + "/$1 ");
        assertTrue(script.contains("META-INF/services"), script);
        says(Map.of(), script, "");
    }

    @Test
    void theCheckOfWebhooksSaysWhatThePageShows() throws Exception {
        String page = "docs/webhooks.md";
        Block shown = Pages.blocks(page)
                .stream()
                .filter(block -> block.text().startsWith("$ "))
                .findFirst()
                .orElseThrow();
        try (WebhookReceiver receiver = new WebhookReceiver(new Credentials("shop", "shop-key", "shop-secret"))) {
            String dead = "http://127.0.0.1:" + RedisProcess.freePort();
            Files.writeString(folder.resolve("reverb.yaml"),
                    "webhooks: {allow_private: true}\n" + Pages.block(page, "yaml")
                            .replace("https://shop.example.com", receiver.url().replaceFirst("(:\\d+).*", "$1"))
                            .replace("https://audit.example.com", dead));
            try (Program check = shell(Map.of(), shown.commands().getFirst())) {
                assertEquals(1, check.exit(), check::output);
                String said = check.output()
                        .replace(dead, "https://audit.example.com")
                        .replaceAll("http://127.0.0.1:\\d+", "https://shop.example.com");
                for (String line : shown.text().lines().skip(1).toList()) {
                    assertTrue(withoutTimes(said).contains(withoutTimes(line)), line + "\nin\n" + said);
                }
            }
        }
    }

    private static String withoutTimes(String text) {
        return text.replaceAll("after \\d+ ms", "after N ms").replaceAll(" +", " ");
    }

    @Test
    void theManagementPortAnswersWhatThePageAsks() throws Exception {
        server.port();
        Matcher management = MANAGEMENT.matcher(server.output());
        assertTrue(management.find(), server.output());
        List<String> asked = Line.all()
                .stream()
                .map(Line::text)
                .filter(text -> text.startsWith("curl -s http://127.0.0.1:8081/"))
                .map(text -> text.replace("http://127.0.0.1:8081", management.group(1)))
                .toList();
        assertTrue(asked.size() > 1, asked.toString());
        for (String curl : asked) {
            try (Program program = shell(Map.of(), curl)) {
                assertEquals(0, program.exit(), program::output);
                assertFalse(program.output().isBlank(), curl);
            }
        }
    }

    @Test
    void theStepsOfAnInstallationLeaveFilesThatTheServerReadsAndOthersDoNot() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "gives files to another group");
        Path etc = folder.resolve("installed");
        String script = Pages.blocks("docs/upgrade.md")
                .getFirst()
                .commands()
                .stream()
                .filter(command -> command.startsWith("install "))
                .collect(Collectors.joining("\n"))
                .replace("/etc/reverb", etc.toString())
                .replace("-g reverb", "-g nogroup");
        Files.writeString(folder.resolve("reverb.yaml"), Pages.block("README.md", "yaml"));
        says(Map.of(), script + "\nreverb check --service " + etc, "2 applications");
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(etc)));
        assertEquals("rw-r-----",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(etc.resolve("reverb.yaml"))));
    }

    @Test
    void theKernelKnowsWhatIsSetInIt() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/sys/net/core")), "Linux");
        Block block = Pages.blocks("docs/production.md").getFirst();
        assertTrue(block.text().startsWith("# /etc/sysctl.d/"), block.text());
        for (String line : block.commands()) {
            assertTrue(line.matches("[a-z0-9_.]+ = \\d+( \\d+)?"), line);
            // connection tracking is a module, which a machine without a firewall has not loaded
            assertTrue(line.startsWith("net.netfilter.")
                    || Files.exists(Path.of("/proc/sys", line.replaceAll(" =.*", "").replace('.', '/'))), line);
        }
    }
}
