package dev.reverb.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** README and all pages, and the blocks of code that they hold. */
final class Pages {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```(\\w*)\\R(.*?)^ *```");
    private static final List<String> FOLDERS = List.of("docs", "docs/decisions", "examples", "images", "clients",
            "packages/laravel", "packages/pusher-js-resume");

    private Pages() {}

    /**
     * One block of code.
     *
     * @param page the file, below {@link #ROOT}
     * @param line where it begins
     * @param language what stands behind the three signs; empty where nothing does
     * @param text what stands between them, without the indentation that they have
     */
    record Block(String page, int line, String language, String text) {

        /**
         * Its lines that are commands: a line that ends in a backslash goes on, and what is behind {@code #} is left
         * out.
         * Where some begin with a prompt the others are what is printed.
         */
        List<String> commands() {
            boolean prompts = text.startsWith("$ ");
            return text.replace("\\\n", "")
                    .lines()
                    .filter(line -> !prompts || line.startsWith("$ "))
                    .map(line -> line.replaceFirst("(^| +)# .*", "").replaceFirst("^\\$ ", "").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();
        }

        @Override
        public String toString() {
            return page + ":" + line;
        }
    }

    static List<Path> all() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")));
        for (String folder : FOLDERS) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }

    static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path page : all()) {
            blocks.addAll(blocks(ROOT.relativize(page).toString()));
        }
        return blocks;
    }

    static List<Block> blocks(String page) throws IOException {
        String text = Files.readString(ROOT.resolve(page));
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            int line = 1 + (int) text.substring(0, matcher.start()).chars().filter(c -> c == '\n').count();
            blocks.add(new Block(page, line, matcher.group(2),
                    matcher.group(3).replaceAll("(?m)^" + matcher.group(1), "")));
        }
        return blocks;
    }

    /** The first block of {@code page} in {@code language}. */
    static String block(String page, String language) throws IOException {
        return blocks(page).stream()
                .filter(block -> block.language().equals(language))
                .findFirst()
                .orElseThrow(() -> new AssertionError(page + " has no block of " + language))
                .text();
    }
}
