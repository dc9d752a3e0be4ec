package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.AppCatalogue;
import dev.reverb.server.config.ServerSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** README, pages and examples: links lead somewhere, names exist, and commands that can run here do what they say. */
final class DocsTest {
    private static final Path ROOT = Pages.ROOT;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
    private static final Pattern COMMAND = Pattern
            .compile("(?m)\\breverb (start|restart|check|publish|tail)\\b([^\\n`|]*)");
    private static final Pattern FLAG = Pattern.compile("(?<!\\S)--[a-z][a-z-]*");
    private static final Pattern METER = Pattern.compile("\\breverb_(?!operator_)[a-z_]*[a-z]");
    private static final Pattern VARIABLE = Pattern.compile("\\b(?:REVERB|REDIS)_[A-Z_]*[A-Z]\\b");
    /** What a service of a compose file may have, as far as this one uses it. */
    private static final Set<String> SERVICE_KEYS = Set.of("image", "restart", "depends_on", "environment", "read_only",
            "cap_drop", "ulimits", "stop_grace_period", "command", "volumes", "healthcheck", "ports");

    /** Written from the catalogues, which have tests of their own. */
    private static final Set<String> GENERATED = Set.of("settings.md");

    @TempDir
    Path folder;

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult link : matches(LINK, page)) {
                String target = link.group(1);
                if (!target.contains("://") && !Files.exists(page.resolveSibling(target).normalize())) {
                    broken.add(ROOT.relativize(page) + ": " + target);
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void everyPageIsReachedFromTheReadme() throws IOException {
        Set<String> linked = new HashSet<>();
        for (MatchResult link : matches(LINK, ROOT.resolve("README.md"))) {
            linked.add(link.group(1));
        }
        List<String> unlinked = new ArrayList<>();
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            docs.map(page -> "docs/" + page.getFileName())
                    .filter(Predicate.not(linked::contains))
                    .forEach(unlinked::add);
        }
        assertEquals(List.of(), unlinked);
    }

    @Test
    void everyFlagExists() throws Exception {
        Map<String, String> help = new HashMap<>();
        for (String command : List.of("start", "restart", "check", "publish", "tail")) {
            StringWriter out = new StringWriter();
            Main.run(new String[]{command, "--help"}, new PrintWriter(out), new PrintWriter(out));
            help.put(command, out.toString());
        }
        List<String> unknown = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult command : matches(COMMAND, page)) {
                Matcher flags = FLAG.matcher(command.group(2));
                while (flags.find()) {
                    if (!help.getOrDefault(command.group(1), "").contains(flags.group())) {
                        unknown.add(ROOT.relativize(page) + ": " + command.group());
                    }
                }
            }
        }
        assertEquals(List.of(), unknown);
    }

    @Test
    void everyMeterOfPagesRulesAndDashboardExists() throws IOException {
        String catalogue = Files.readString(ROOT.resolve("docs/metrics.md"));
        Set<String> unknown = new TreeSet<>();
        List<Path> files = new ArrayList<>(pages());
        for (String name : List.of("rules.yml", "dashboard.json")) {
            files.add(ROOT.resolve("dist/monitoring").resolve(name));
        }
        for (Path file : files) {
            for (MatchResult meter : matches(METER, file)) {
                String name = meter.group().replaceAll("_bucket$", "");
                if (!catalogue.contains(name)) {
                    unknown.add(ROOT.relativize(file) + ": " + name);
                }
            }
        }
        assertEquals(Set.of(), unknown);
    }

    @Test
    void theComposeFileIsOneAndItsVariablesAreKnown() throws IOException {
        Path file = ROOT.resolve("examples/compose/compose.yml");
        Map<?, ?> root = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
        Map<?, ?> services = section(root, "services");
        assertEquals(Set.of("reverb-1", "reverb-2", "redis", "nginx"), services.keySet());
        for (Map.Entry<?, ?> service : services.entrySet()) {
            Map<?, ?> keys = (Map<?, ?>) service.getValue();
            assertTrue(SERVICE_KEYS.containsAll(keys.keySet()), service.getKey() + " has " + keys.keySet());
            assertTrue(keys.containsKey("image"), service.toString());
        }
        Set<String> known = variables();
        Map<?, ?> environment = section(section(services, "reverb-1"), "environment");
        assertTrue(known.containsAll(environment.keySet()), environment.keySet().toString());
        String example = Files.readString(ROOT.resolve("examples/compose/.env.example"));
        for (MatchResult reference : matches(Pattern.compile("\\$\\{(\\w+)"), file)) {
            assertTrue(example.contains(reference.group(1) + "="), reference.group(1));
        }
    }

    /** There is no Traefik to run: what it reads is looked at instead, in each form that the comments give it. */
    @Test
    void traefiksFileLeadsToTheServerInEachOfItsForms() throws IOException {
        String text = Files.readString(ROOT.resolve("dist/proxies/traefik.yml"));
        String browsers = text.replaceFirst("( +)rule: .*\n( +# For browsers.*\n) +# rule", "$1$2      rule");
        String tls = text.replaceFirst("entryPoints: \\[web]", "# $0")
                .replace("# entryPoints: [websecure]", "entryPoints: [websecure]")
                .replace("# tls: ", "tls: ");
        for (String form : List.of(text, browsers, tls)) {
            Map<?, ?> http = section((Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(form), "http");
            Map<?, ?> router = section(section(http, "routers"), "reverb");
            assertTrue(section(http, "services").containsKey(router.get("service")), form);
            assertEquals(form.equals(browsers), String.valueOf(router.get("rule")).contains("PathPrefix(`/app/`)"),
                    form);
            assertEquals(form.equals(tls), router.containsKey("tls"), form);
            assertEquals(List.of(form.equals(tls) ? "websecure" : "web"), router.get("entryPoints"), form);
        }
        assertTrue(text.contains("url: http://127.0.0.1:8080"), text);
    }

    @Test
    void theVariablesOfALaravelApplicationAreTheSameEverywhereAndEchoReadsThem() throws IOException {
        List<String> readme = assignments(Pages.block("README.md", "dotenv"));
        assertEquals(readme, assignments(Pages.block("docs/laravel.md", "dotenv")));
        assertEquals(readme, assignments(Files.readString(ROOT.resolve("examples/laravel/.env.example"))));
        String echo = Files.readString(ROOT.resolve("examples/laravel/echo.js"));
        for (MatchResult read : Pattern.compile("env\\.(VITE_\\w+)").matcher(echo).results().toList()) {
            assertTrue(readme.stream().anyMatch(line -> line.startsWith(read.group(1) + "=")), read.group(1));
        }
        Set<String> known = variables();
        for (String line : readme) {
            String name = line.substring(0, line.indexOf('='));
            assertTrue(!VARIABLE.matcher(name).matches() || name.startsWith("VITE_") || known.contains(name), name);
        }
    }

    @Test
    void theReadmesFileAndCommandsWorkAsTheyStand() throws Exception {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), Pages.block("README.md", "yaml"));
        try (Program check = Program.run(folder, Map.of(), "check", "--config", file.toString())) {
            assertEquals(0, check.exit(), check::output);
            assertTrue(check.output().contains("2 applications"), check.output());
            assertTrue(check.output().contains("clients are back a second after the new server listens"),
                    check.output());
        }
        String laravel = ROOT.resolve("examples/laravel/reverb.yml").toString();
        try (Program check = Program.run(folder, Map.of(), "check", "--config", laravel)) {
            assertEquals(0, check.exit(), check::output);
        }
        Files.writeString(folder.resolve(".env"), Pages.block("README.md", "dotenv"));
        Files.writeString(folder.resolve("artisan"), "");
        try (HttpClient http = HttpClient.newHttpClient();
                Program server = Program.run(folder, ProgramTest.FREE_PORTS, "start")) {
            int port = server.port();
            Subscriber subscriber = Subscriber.join(http, port, "my-key", "orders");
            String publish = Pages.blocks("README.md")
                    .stream()
                    .map(Pages.Block::text)
                    .filter(block -> block.contains("reverb publish"))
                    .findFirst()
                    .orElseThrow()
                    .strip();
            String java = Path.of(System.getProperty("java.home"), "bin", "java") + " -cp " + Program.classPath() + " "
                    + Main.class.getName();
            try (Program shell = Program.execute(folder, Map.of(),
                    List.of("bash", "-c", publish.replace("./reverb", java) + " --port " + port))) {
                assertEquals(0, shell.exit(), shell::output);
                assertEquals("Published order.shipped to 1 channel: orders has 1 subscriber", shell.output());
            }
            subscriber.await("order.shipped");
            String byHand = Pages.block("docs/http-api.md", "sh");
            try (Program shell = Program.execute(folder, Map.of(),
                    List.of("bash", "-c", byHand.replace("127.0.0.1:8080", "127.0.0.1:" + port)))) {
                assertEquals(0, shell.exit(), shell::output);
                assertTrue(shell.output().endsWith("{}"), shell.output());
            }
        }
    }

    private static Map<?, ?> section(Map<?, ?> parent, String key) {
        return (Map<?, ?>) Objects.requireNonNull(parent.get(key), key);
    }

    private static Set<String> variables() {
        Set<String> known = new TreeSet<>();
        Stream.concat(ServerSettings.ALL.stream(), AppCatalogue.ALL.stream())
                .forEach(setting -> known.add(setting.variable()));
        return known;
    }

    /** Lines that assign, without comments, in their order. */
    private static List<String> assignments(String text) {
        return text.lines().filter(line -> line.matches("[A-Z_]+=.*")).toList();
    }

    private static List<MatchResult> matches(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file)).results().toList();
    }

    private static List<Path> pages() throws IOException {
        Map<String, Path> pages = new LinkedHashMap<>();
        pages.put("README.md", ROOT.resolve("README.md"));
        for (String folder : List.of("docs", "docs/decisions", "examples", "images", "clients")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                files.filter(
                        file -> file.toString().endsWith(".md") && !GENERATED.contains(file.getFileName().toString()))
                        .forEach(file -> pages.put(file.toString(), file.normalize()));
            }
        }
        return List.copyOf(pages.values());
    }
}
