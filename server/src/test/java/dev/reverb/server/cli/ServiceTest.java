package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files for systemd and Supervisor: what they start, which settings they read, and who may restart it. */
final class ServiceTest {
    private static final String USER = "nobody";

    @TempDir
    Path folder;

    private Path etc = Path.of("/etc/reverb");
    private Path run = Path.of("/run/reverb");

    @BeforeEach
    void folders() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "becomes another user");
        InstalledTree.open(folder);
        InstalledTree.in(Files.createDirectory(folder.resolve("opt")));
        etc = Files.createDirectory(folder.resolve("etc"));
        run = Files.createDirectory(folder.resolve("run"));
        Files.setOwner(run, run.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void systemdAcceptsTheUnit() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "systemd is installed");
        Path unit = Files.writeString(folder.resolve("reverb.service"),
                installed(Files.readString(Path.of("../dist/systemd/reverb.service"))).replace("User=reverb",
                        "User=daemon"));
        try (Program verify = Program.execute(folder, Map.of(),
                List.of("systemd-analyze", "verify", "--man=no", unit.toString()))) {
            int code = verify.exit();
            assertEquals(List.of(), verify.output().lines().filter(line -> line.contains("reverb.service")).toList());
            assertEquals(0, code, verify::output);
        }
    }

    @Test
    void theUnitServesWhatOneFileAloneSaysAndRootRestartsIt() throws Exception {
        Files.writeString(etc.resolve("reverb.yaml"), """
            server: {host: 127.0.0.1, port: 0}
            management: {port: 0}
            apps: [{app_id: shop, key: shop-key, secret: hunter2}]
            """);
        String start = line("../dist/systemd/reverb.service", "ExecStart=");
        try (Program server = asService(Map.of("RUNTIME_DIRECTORY", run.toString()), start)) {
            String port = Integer.toString(server.port());
            assertFalse(server.output().contains("FOR DEVELOPMENT ONLY"), server.output());
            // root, with nothing of the service's environment, and without knowing its runtime directory
            try (Program restart = asRoot("/tmp", "restart", "--port", port)) {
                assertEquals(0, restart.exit(), restart::output);
            }
            assertEquals(0, server.exit(), server::output);
        }
    }

    @Test
    void aFileOfVariablesAloneWillDoAndWithoutAnApplicationTheServiceDoesNotStart() throws Exception {
        String start = line("../dist/supervisor/reverb.conf", "command=");
        try (Program refused = asService(Map.of(), start)) {
            assertEquals(1, refused.exit(), refused::output);
            assertTrue(refused.output()
                    .contains("no application is configured: " + etc + " has no reverb.yaml, and no "
                            + "reverb.env; set REVERB_APP_ID"),
                    refused.output());
        }
        Files.writeString(etc.resolve("reverb.env"), """
            # as in Laravel's .env
            REVERB_APP_ID=shop
            export REVERB_APP_KEY="shop-key"
            REVERB_APP_SECRET='hunter2'
            REVERB_SERVER_HOST=127.0.0.1
            REVERB_SERVER_PORT=0
            REVERB_MANAGEMENT_PORT=0
            """);
        try (Program server = asService(Map.of("RUNTIME_DIRECTORY", run.toString()), start)) {
            server.port();
            // the service's own user, and with several servers all of them
            try (Program restart = asService(Map.of("RUNTIME_DIRECTORY", run.toString()),
                    folder.resolve("opt/reverb") + " restart --pid " + server.pid())) {
                assertEquals(0, restart.exit(), restart::output);
            }
            assertEquals(0, server.exit(), server::output);
        }
        Files.setPosixFilePermissions(etc, PosixFilePermissions.fromString("rwx------"));
        try (Program refused = asService(Map.of(), start)) {
            assertEquals(1, refused.exit(), refused::output);
            assertTrue(refused.output().contains("may not be entered by the user nobody"), refused.output());
        }
    }

    @Test
    void aFolderThatOthersMayWriteToIsNotBelieved() throws Exception {
        Path states = Files.createDirectory(folder.resolve("reverb-root"));
        try (Program sleeper = Program.execute(folder, Map.of(), List.of("sleep", "600"))) {
            String started = ProcessHandle.of(sleeper.pid())
                    .orElseThrow()
                    .info()
                    .startInstant()
                    .orElseThrow()
                    .toString();
            Files.writeString(states.resolve("9999.pid"), sleeper.pid() + " " + started + "\n");
            Files.setPosixFilePermissions(states, PosixFilePermissions.fromString("rwxrwxrwx"));
            try (Program restart = asRoot(folder.toString(), "restart", "--port", "9999")) {
                assertEquals(1, restart.exit(), restart::output);
            }
            Files.setPosixFilePermissions(states, PosixFilePermissions.fromString("rwx------"));
            try (Program restart = asRoot(folder.toString(), "restart", "--port", "9999")) {
                assertEquals(0, restart.exit(), restart::output);
            }
        }
    }

    /** The command that a line of a file begins, with this test's folders. */
    private String line(String file, String key) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return installed(lines.filter(line -> line.startsWith(key)).findFirst().orElseThrow())
                    .substring(key.length());
        }
    }

    private String installed(String text) {
        return text.replace("/opt/reverb", folder.resolve("opt").toString()).replace("/etc/reverb", etc.toString());
    }

    /** @param temporary where servers are registered that have no folder of their own */
    private Program asRoot(String temporary, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(folder.resolve("opt/reverb").toString()));
        command.addAll(List.of(arguments));
        return Program.execute(folder,
                Map.of("JAVA_HOME", System.getProperty("java.home"), "JAVA_OPTS", "-Djava.io.tmpdir=" + temporary),
                command);
    }

    private static Program asService(Map<String, String> environment, String command) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("JAVA_HOME", System.getProperty("java.home"));
        List<String> words = new ArrayList<>(
                List.of("env", "-u", "HOME", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        words.addAll(List.of(command.split(" +")));
        return Program.execute(Path.of("/"), all, words);
    }
}
