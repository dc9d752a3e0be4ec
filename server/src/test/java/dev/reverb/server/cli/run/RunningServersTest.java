package dev.reverb.server.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files by which a restart finds a server. */
final class RunningServersTest {
    private static final int PORT = 1;

    @TempDir
    Path folder;

    @Test
    void aServerIsFoundByWhatItWrote() throws IOException {
        RunningServers servers = servers("rwx------");

        List<Path> files = servers.register(PORT);

        assertEquals(folder, files.getFirst().getParent());
        assertEquals(Optional.of(ProcessHandle.current()), servers.find(PORT).map(RunningServers.Running::process));
        files.forEach(RunningServers::unregister);
        assertEquals(Optional.empty(), servers.find(PORT));
    }

    /** Whoever may write there could have a signal sent to any process of this user. */
    @ParameterizedTest
    @ValueSource(strings = {"rwxrwxrwx", "rwxrwx---", "rwx---rwx"})
    void aFolderThatOthersMayWriteToIsNotBelievedAndNotUsed(String permissions) throws IOException {
        List<Path> files = servers("rwx------").register(PORT);
        files.stream().skip(1).forEach(RunningServers::unregister);
        RunningServers servers = servers(permissions);

        assertTrue(Files.exists(files.getFirst()));
        assertEquals(Optional.empty(), servers.find(PORT));
        List<Path> others = servers.register(PORT);
        assertTrue(others.stream().noneMatch(elsewhere -> elsewhere.startsWith(folder)), others.toString());
        others.forEach(RunningServers::unregister);
    }

    private RunningServers servers(String permissions) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        return new RunningServers(Map.of("RUNTIME_DIRECTORY", folder.toString()));
    }
}
