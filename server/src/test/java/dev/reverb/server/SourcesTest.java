package dev.reverb.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for every Java file and every script of Redis in every module, tests apart. */
class SourcesTest {

    private static final int MOST_LINES = 400;
    private static final int MOST_COLUMNS = 120;
    /** Files that may be longer: what one call of Redis does has to be one script. */
    private static final Set<String> LONGER = Set.of("write.lua");

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> mains = Files.find(Path.of(".."), 4,
                (path, attributes) -> attributes.isDirectory() && path.endsWith(Path.of("src", "main")))) {
            for (Path main : mains.toList()) {
                try (Stream<Path> files = Files.walk(main)) {
                    files.filter(file -> file.toString().matches(".*\\.(java|lua)")).forEach(sources::add);
                }
            }
        }
        assertTrue(sources.size() > 300, "only " + sources.size() + " files were found");
        return sources;
    }

    @Test
    void noMainFileIsLongerThanAReaderOverlooks() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            int lines = Files.readAllLines(file).size();
            if (lines > MOST_LINES && !LONGER.contains(String.valueOf(file.getFileName()))) {
                wrong.add(file + " has " + lines + " lines");
            }
        }
        assertEquals(List.of(), wrong, "at most " + MOST_LINES + " lines");
    }

    @Test
    void noLineIsWiderThanAScreen() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).codePointCount(0, lines.get(i).length()) > MOST_COLUMNS) {
                    wrong.add(file + ":" + (i + 1));
                }
            }
        }
        assertEquals(List.of(), wrong, "at most " + MOST_COLUMNS + " columns");
    }

    /** Words for which the field has its own: received, notified, reported, announced. */
    private static final Pattern OWN_WORDS = Pattern
            .compile("\\b(told|heard|hears|befell|owed|owes|doomed|bury|buries|buried|stubborn|loud|loudly)\\b");

    @Test
    void commentsUseTheWordsOfTheField() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<Path> files = new ArrayList<>(sources());
        try (Stream<Path> tests = Files.walk(Path.of("src", "test", "java"))) {
            tests.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
        }
        for (Path file : files) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                boolean comment = line.startsWith("*") || line.startsWith("/*") || line.startsWith("//")
                        || line.startsWith("--");
                if (comment && OWN_WORDS.matcher(line).find()) {
                    wrong.add(file + ":" + (i + 1) + " " + line);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }
}
