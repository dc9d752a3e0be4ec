package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

        Optional<Path> file = servers.register(PORT);

        assertEquals(Optional.of(folder), file.map(Path::getParent));
        assertEquals(Optional.of(ProcessHandle.current()), servers.find(PORT));
        RunningServers.unregister(file.orElseThrow());
        assertEquals(Optional.empty(), servers.find(PORT));
    }

    /** Whoever may write there could have a signal sent to any process of this user. */
    @ParameterizedTest
    @ValueSource(strings = {"rwxrwxrwx", "rwxrwx---", "rwx---rwx"})
    void aFolderThatOthersMayWriteToIsNotBelievedAndNotUsed(String permissions) throws IOException {
        Path file = servers("rwx------").register(PORT).orElseThrow();
        RunningServers servers = servers(permissions);

        assertTrue(Files.exists(file));
        assertEquals(Optional.empty(), servers.find(PORT));
        Optional<Path> other = servers.register(PORT);
        assertTrue(other.filter(elsewhere -> elsewhere.startsWith(folder)).isEmpty(), other.toString());
        other.ifPresent(RunningServers::unregister);
    }

    private RunningServers servers(String permissions) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        return new RunningServers(Map.of("RUNTIME_DIRECTORY", folder.toString()));
    }
}
