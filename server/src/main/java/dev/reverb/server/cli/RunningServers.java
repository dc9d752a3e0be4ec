package dev.reverb.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One small file per running server, named after its port, in a folder of the user: pid, and when the process started.
 * The start time is what keeps a signal from reaching an innocent process that got the pid of a dead server.
 */
final class RunningServers {
    private static final Logger LOG = LoggerFactory.getLogger(RunningServers.class);

    private static final Duration CLOCK_WAVER = Duration.ofSeconds(5);

    private final List<Path> folders;

    RunningServers(Map<String, String> environment) {
        List<Path> candidates = new ArrayList<>();
        // systemd's RuntimeDirectory= first, then the login session's, then what is always there
        Optional.ofNullable(environment.get("RUNTIME_DIRECTORY"))
                .filter(path -> !path.isBlank())
                .ifPresent(path -> candidates.add(Path.of(path)));
        Optional.ofNullable(environment.get("XDG_RUNTIME_DIR"))
                .filter(path -> !path.isBlank())
                .ifPresent(path -> candidates.add(Path.of(path, "reverb")));
        candidates.add(Path.of(System.getProperty("java.io.tmpdir"), "reverb-" + System.getProperty("user.name")));
        this.folders = List.copyOf(candidates);
    }

    /** Writes this process's file; returns it, or nothing where no folder can be written: the server runs anyway. */
    Optional<Path> register(int port) {
        ProcessHandle self = ProcessHandle.current();
        String content = self.pid() + " " + started(self).map(Instant::toString).orElse("-") + "\n";
        for (Path folder : folders) {
            try {
                createPrivate(folder);
                Path temporary = Files.createTempFile(folder, ".new", "");
                Files.writeString(temporary, content);
                return Optional.of(Files.move(temporary, folder.resolve(port + ".pid"), StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING));
            } catch (IOException e) {
                LOG.debug("{} cannot hold the file that restart looks for", folder, e);
            }
        }
        return Optional.empty();
    }

    /** Removes {@code file}, unless another server has taken its place. */
    static void unregister(Path file) {
        try {
            if (Files.readString(file).startsWith(ProcessHandle.current().pid() + " ")) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be removed", file, e);
        }
    }

    /** The server on {@code port}, if one of this user's is running. */
    Optional<ProcessHandle> find(int port) {
        for (Path folder : folders) {
            Path file = folder.resolve(port + ".pid");
            try {
                if (Files.isSymbolicLink(folder) || !ownAlone(folder)) {
                    continue;
                }
                String[] parts = Files.readString(file).strip().split(" ");
                Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(parts[0]))
                        .filter(ProcessHandle::isAlive)
                        .filter(handle -> parts.length > 1 && startedAt(handle, parts[1]));
                if (process.isPresent()) {
                    return process;
                }
            } catch (IOException | NumberFormatException | DateTimeParseException e) {
                LOG.debug("{} names no server", file, e);
            }
        }
        return Optional.empty();
    }

    List<Path> folders() {
        return folders;
    }

    private static Optional<Instant> started(ProcessHandle process) {
        return process.info().startInstant();
    }

    /**
     * The system tells a start as time since it booted, and when it booted as a second that wavers with its clock: so
     * near is the same.
     */
    private static boolean startedAt(ProcessHandle process, String written) {
        Optional<Instant> start = started(process);
        if (start.isEmpty() || written.equals("-")) {
            return start.isEmpty() && written.equals("-");
        }
        return Duration.between(Instant.parse(written), start.get()).abs().compareTo(CLOCK_WAVER) <= 0;
    }

    private static void createPrivate(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            if (!ownAlone(folder)) {
                throw new IOException(folder + " belongs to somebody else, or others may write to it");
            }
            return;
        }
        Files.createDirectory(folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Whether nobody else can have put a file there: what others may write names any process that they like. */
    private static boolean ownAlone(Path folder) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class,
                LinkOption.NOFOLLOW_LINKS);
        return attributes.owner().getName().equals(System.getProperty("user.name"))
                && !attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                && !attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
    }
}
