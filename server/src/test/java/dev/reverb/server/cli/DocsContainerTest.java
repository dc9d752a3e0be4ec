package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Containers without an engine: the lines of docs/docker.md name the image that is built, the port that is listened on,
 * and variables that the server reads; so does the example for Compose.
 */
final class DocsContainerTest {

    private static final Pattern RUN = Pattern
            .compile("docker run((?: --rm| -p \\d+:\\d+| -e \\w+=\\S+)*) +(\\S+)/([\\w-]+):(\\S+)");
    private static final Pattern BUILD = Pattern
            .compile("\\./mvnw -P images .*-Dimage\\.push -Dimage\\.registry=(\\S+) -Dimage\\.tag=(\\S+)");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)(?::\\?[^}]*)?\\}");

    @TempDir
    Path folder;

    private Matcher line(Pattern pattern) throws IOException {
        return Pages.blocks("docs/docker.md")
                .stream()
                .flatMap(block -> block.commands().stream())
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .findFirst()
                .orElseThrow();
    }

    /** What the server says of these variables, and of no others. */
    private String check(Map<String, String> environment) throws Exception {
        try (Program check = Program.run(folder, environment, "check")) {
            assertEquals(0, check.exit(), check::output);
            assertFalse(check.output().contains("ignored"), check.output());
            return check.output();
        }
    }

    @Test
    void theImageIsTheOneThatTheLineBeforeBuildsAndItsPortThatOfTheServer() throws Exception {
        Matcher run = line(RUN);
        Matcher build = line(BUILD);
        assertEquals(build.group(1), run.group(2));
        assertEquals(build.group(2), run.group(4));
        assertTrue(Files.readString(Pages.ROOT.resolve("images/pom.xml"))
                .contains("<image>${image.registry}/${image.repository}:${image.tag}</image>"));
        String pom = Files.readString(Pages.ROOT.resolve("images/server/pom.xml"));
        assertTrue(pom.contains("<image.repository>" + run.group(3) + "</image.repository>"), pom);
        Matcher heap = Pattern.compile("up to (\\d+) % of the container's limit")
                .matcher(Files.readString(Pages.ROOT.resolve("docs/docker.md")));
        assertTrue(heap.find());
        assertTrue(pom.contains("-XX:MaxRAMPercentage=" + heap.group(1) + " "), pom);
        Map<String, String> environment = new HashMap<>();
        String port = "";
        String[] words = run.group(1).strip().split(" ");
        for (int i = 0; i < words.length; i++) {
            if (words[i].equals("-e")) {
                String[] variable = words[i + 1].split("=", 2);
                environment.put(variable[0], variable[1]);
            } else if (words[i].equals("-p")) {
                port = words[i + 1].split(":")[1];
            }
        }
        String said = check(environment);
        assertTrue(said.contains("http://0.0.0.0:" + port), said);
        assertTrue(said.contains("1 application"), said);
    }

    @Test
    @SuppressWarnings("unchecked")
    void theServersOfTheComposeFileTakeEveryVariableAndTheProxyKnowsThem() throws Exception {
        Path example = Pages.ROOT.resolve("examples/compose");
        Files.copy(example.resolve(".env.example"), folder.resolve(".env.example"));
        String copy = Pages.blocks("docs/docker.md")
                .stream()
                .flatMap(block -> block.commands().stream())
                .filter(line -> line.startsWith("cp "))
                .findFirst()
                .orElseThrow();
        try (Program copied = Program.execute(folder, Map.of(), List.of("bash", "-ec", copy))) {
            assertEquals(0, copied.exit(), copied::output);
        }
        Map<String, String> given = new HashMap<>();
        for (String line : Files.readAllLines(folder.resolve(".env"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                given.put(line.split("=", 2)[0], line.split("=", 2)[1]);
            }
        }
        Map<String, Object> file = (Map<String, Object>) new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(example.resolve("compose.yml")));
        Map<String, Object> services = of(file, "services");
        Map<String, Object> server = of(services, "reverb-1");
        Map<String, String> environment = new HashMap<>();
        of(server, "environment").forEach((name, value) -> environment.put(name, with(given, value)));
        String said = check(environment);
        assertTrue(said.contains("redis"), said);
        assertTrue(with(given, server.get("image")).matches("\\S+/server:\\S+"), given.toString());
        String proxy = Files.readString(example.resolve("nginx.conf"));
        for (String service : services.keySet()) {
            assertEquals(service.startsWith("reverb-"), proxy.contains("server " + service + ":8080;"), service);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> of(Map<String, Object> map, String name) {
        return (Map<String, Object>) Objects.requireNonNull(map.get(name), name);
    }

    /** A value with Compose's variables put in. */
    private static String with(Map<String, String> given, @Nullable Object value) {
        return VARIABLE.matcher(String.valueOf(value))
                .replaceAll(variable -> Matcher.quoteReplacement(given.getOrDefault(variable.group(1), "")));
    }
}
