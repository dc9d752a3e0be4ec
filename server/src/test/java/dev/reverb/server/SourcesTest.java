package dev.reverb.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for every Java file and every script of Redis in every module, tests apart. */
class SourcesTest {

    private static final int MOST_LINES = 400;
    private static final int MOST_COLUMNS = 120;

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
            if (lines > MOST_LINES) {
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

    @Test
    void everyTypeSaysWhatItIs() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(".java") && !name.equals("package-info.java") && !saysWhatItIs(file, name)) {
                wrong.add(file.toString());
            }
        }
        assertEquals(List.of(), wrong, "types without a sentence in their Javadoc");
    }

    /** Whether a sentence stands between the imports and the type that the file is named after. */
    private static boolean saysWhatItIs(Path file, String name) throws IOException {
        String text = Files.readString(file);
        Matcher type = Pattern.compile("(?m)^(?:public |final |abstract |sealed |non-sealed )*"
                + "(?:class|record|interface|enum|@interface) " + name.replace(".java", "\\b")).matcher(text);
        if (!type.find()) {
            return false;
        }
        String head = text.substring(0, type.start());
        int comment = head.lastIndexOf("/**");
        return comment > head.lastIndexOf("\nimport ") && comment >= 0
                && head.substring(comment).replaceAll("[\\s*/]+", " ").matches(".*\\w.*\\..*");
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
