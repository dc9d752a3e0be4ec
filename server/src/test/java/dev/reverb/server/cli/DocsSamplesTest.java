package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.AppCatalogue;
import dev.reverb.server.cli.Pages.Block;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.EnvFile;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Configuration, variables and JSON of README and pages are read by what reads them in earnest, without a warning. */
final class DocsSamplesTest {
    /** Programs' text has a test of its own: syntax and, where it can run here, what it does. */
    private static final Map<String, String> READ_BY = Map.of("js", "docs.test.mjs", "php", "docs.test.mjs", "python",
            "docs.test.mjs", "java", "DocsCommandsTest", "sh", "DocsCommandsTest", "text", "DocsCommandsTest", "",
            "DocsCommandsTest", "yaml", "here", "dotenv", "here", "json", "here");
    private static final Pattern VARIABLE = Pattern.compile("\\b(?:REVERB|REDIS)_[A-Z_]*[A-Z]\\b");
    /** Variables that are not the server's settings, and whose they are. */
    private static final Set<String> OF_OTHERS = Set.of("REVERB_SERVER", "REVERB_PULSE_INGEST_INTERVAL",
            "REVERB_TELESCOPE_INGEST_INTERVAL", "REVERB_AOT", "REVERB_IMAGE");

    @TempDir
    Path folder;

    @Test
    void everyLanguageIsReadBySomebody() throws IOException {
        for (Block block : Pages.blocks()) {
            assertTrue(READ_BY.containsKey(block.language()), block + " is " + block.language());
        }
    }

    static Stream<Block> configurations() throws IOException {
        List<Block> blocks = Pages.blocks()
                .stream()
                .filter(block -> block.language().equals("yaml") && !block.text().contains("kind: Reverb"))
                .filter(block -> !block.page().equals("docs/operator.md"))
                .toList();
        assertTrue(blocks.size() >= 6, blocks.toString());
        return blocks.stream();
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aConfigurationIsTakenWithoutAWarning(Block block) throws IOException {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), block.text());
        assertEquals(List.of(), Settings.read(Map.of(), Optional.of(file), Overrides.none()).warnings());
    }

    @Test
    void variablesAreTakenWithoutAWarning() throws IOException {
        List<Block> blocks = Pages.blocks().stream().filter(block -> block.language().equals("dotenv")).toList();
        assertTrue(blocks.size() >= 3, blocks.toString());
        for (Block block : blocks) {
            Map<String, String> read = EnvFile.read(Files.writeString(folder.resolve(".env"), block.text()));
            assertEquals(block.text().lines().filter(line -> !line.isBlank() && !line.startsWith("#")).count(),
                    read.size(), block.toString());
            Settings settings = Settings.read(read, Optional.empty(), Overrides.none());
            assertEquals(List.of(), settings.warnings(), block.toString());
            assertEquals(1, settings.apps().all().size(), block.toString());
        }
    }

    @Test
    void jsonIsJson() throws IOException {
        JsonMapper mapper = JsonMapper.shared();
        int read = 0;
        for (Block block : Pages.blocks()) {
            if (block.language().equals("json")) {
                assertTrue(mapper.readTree(block.text()).isObject(), block.toString());
                read++;
            } else if (block.text().startsWith("POST ")) {
                String body = block.text().substring(block.text().indexOf("\n\n")).strip();
                assertTrue(mapper.readTree(body).path("events").size() > 3, block.toString());
                read++;
            }
        }
        assertTrue(read >= 3);
    }

    @Test
    void everyVariableOfThePagesExists() throws IOException {
        Set<String> known = new TreeSet<>(OF_OTHERS);
        Stream.concat(ServerSettings.ALL.stream(), AppCatalogue.ALL.stream())
                .forEach(setting -> known.add(setting.variable()));
        Set<String> unknown = new TreeSet<>();
        for (Path page : Pages.all()) {
            for (MatchResult name : VARIABLE.matcher(Files.readString(page)).results().toList()) {
                if (!known.contains(name.group()) && !name.group().startsWith("REVERB_OPERATOR_")) {
                    unknown.add(Pages.ROOT.relativize(page) + ": " + name.group());
                }
            }
        }
        assertEquals(Set.of(), unknown);
    }
}
