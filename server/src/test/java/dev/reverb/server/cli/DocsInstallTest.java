package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Installation, upgrade and removal line by line as docs/upgrade.md has them, below a folder in place of the machine's
 * root: the repository is one of this test's, and accounts and units go there by the options that useradd and systemctl
 * have for it.
 */
final class DocsInstallTest {

    private static final String PAGE = "docs/upgrade.md";

    @TempDir
    Path folder;

    private Path root = Path.of("/");

    @BeforeEach
    void aRepositoryAndARoot() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "makes accounts");
        for (String program : List.of("/usr/sbin/useradd", "/usr/bin/systemctl", "/usr/bin/git")) {
            assumeTrue(Files.isExecutable(Path.of(program)), program);
        }
        InstalledTree.open(folder);
        root = Files.createDirectory(folder.resolve("root"));
        Files.createDirectories(root.resolve("opt"));
        Files.createDirectories(root.resolve("etc/systemd/system"));
        for (String file : List.of("passwd", "group", "shadow", "gshadow")) {
            Files.createFile(root.resolve("etc").resolve(file));
        }
        Path origin = Files.createDirectory(folder.resolve("origin"));
        InstalledTree.in(origin);
        Files.createDirectories(origin.resolve("dist/systemd"));
        Files.copy(Path.of("../dist/systemd/reverb.service"), origin.resolve("dist/systemd/reverb.service"));
        runs("""
            cd %s
            git init -q
            git add -A
            git commit -q -m one
            git tag v1.0.0
            echo later > VERSION
            git add -A
            git commit -q -m two
            git tag v1.1.0
            git checkout -q v1.0.0
            git checkout -q -b main
            """.formatted(origin));
    }

    /** A line of the page, below {@link #root}; empty for what only a running systemd, or another test, can do. */
    private String below(String line) {
        if (line.equals("systemctl daemon-reload") || line.startsWith("systemctl restart ")
                || line.endsWith("reverb build")) {
            return "";
        }
        if (line.startsWith("user")) {
            return line.replaceAll("^(useradd|userdel) ", "$1 --prefix " + root + " ");
        }
        return line.replaceAll("(?<=^|\\s)/(opt|etc)/", root + "/$1/")
                .replaceAll("^systemctl (\\w+) --now ", "systemctl --root=" + root + " $1 ")
                .replace("-g reverb", "-g nogroup"); // an account of the other root is none of this kernel's
    }

    private String block(int index) throws IOException {
        List<String> lines = Pages.blocks(PAGE).get(index).commands().stream().map(this::below).toList();
        assertTrue(lines.size() > 2, lines.toString());
        return String.join("\n", lines);
    }

    /** What a script prints, which ends well. */
    private String runs(String script) throws Exception {
        Map<String, String> environment = Map.of("GIT_CONFIG_COUNT", "4", "GIT_CONFIG_KEY_0",
                "url." + folder.resolve("origin") + ".insteadOf", "GIT_CONFIG_VALUE_0",
                "https://git.example.com/reverb.git", "GIT_CONFIG_KEY_1", "user.name", "GIT_CONFIG_VALUE_1", "test",
                "GIT_CONFIG_KEY_2", "user.email", "GIT_CONFIG_VALUE_2", "test@example.com", "GIT_CONFIG_KEY_3",
                "advice.detachedHead", "GIT_CONFIG_VALUE_3", "false");
        try (Program program = Program.execute(folder, environment, List.of("env", "PATH=/usr/sbin:/sbin:/usr/bin:/bin",
                "JAVA_HOME=" + System.getProperty("java.home"), "bash", "-ec", script))) {
            assertEquals(0, program.exit(), () -> script + "\n" + program.output());
            return program.output();
        }
    }

    @Test
    void everyLineDoesWhatItSays() throws Exception {
        Files.writeString(folder.resolve("reverb.yaml"), Pages.block("README.md", "yaml"));
        String said = runs(block(0));
        assertTrue(said.contains("2 applications"), said);
        assertTrue(Files.readString(root.resolve("etc/passwd"))
                .matches("reverb:x:\\d+:\\d+::/opt/reverb:/usr/sbin/nologin\n"), "the account");
        Path wanted = root.resolve("etc/systemd/system/multi-user.target.wants/reverb.service");
        assertTrue(Files.isSymbolicLink(wanted), "it starts with the machine");
        assertEquals("rwxr-x---",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("etc/reverb"))));
        assertFalse(Files.exists(root.resolve("opt/reverb/VERSION")));

        said = runs(block(1));
        assertTrue(said.contains("2 applications"), said);
        assertTrue(Files.exists(root.resolve("opt/reverb/VERSION")), said);

        runs(block(2));
        try (Stream<Path> left = Files.walk(root)) {
            assertEquals(List.of(), left.filter(path -> path.getFileName().toString().contains("reverb")).toList());
        }
        assertEquals("", Files.readString(root.resolve("etc/passwd")));
    }
}
