package dev.reverb.server.cli.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One small file per running server, named after its port, in folders of the server's user: pid, and when the process
 * started. The start time keeps a signal from reaching another process that got the pid of a dead server. A folder that
 * others may write to is not believed; root believes every user's folder, but only about that user's own processes.
 */
final class RunningServers {
    private static final Logger LOG = LoggerFactory.getLogger(RunningServers.class);

    /** What {@code RuntimeDirectory=reverb} of a systemd unit is, also for those who are not the service. */
    private static final Path SERVICE = Path.of("/run/reverb");
    private static final String PREFIX = "reverb-";
    private static final String SUFFIX = ".pid";
    private static final String ROOT = "root";
    private static final Duration CLOCK_WAVER = Duration.ofSeconds(5);

    private final List<Path> own;
    private final Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    private final String me;

    /** A server that runs, the port it serves, and the user that its process belongs to. */
    record Running(int port, ProcessHandle process, String user) {}

    RunningServers(Map<String, String> environment) {
        me = thisUser();
        Set<Path> candidates = new LinkedHashSet<>();
        // systemd's RuntimeDirectory= first, then the login session's, then what is always there
        for (String folder : environment.getOrDefault("RUNTIME_DIRECTORY", "").split(":")) {
            if (!folder.isBlank()) {
                candidates.add(Path.of(folder));
            }
        }
        Optional.ofNullable(environment.get("XDG_RUNTIME_DIR"))
                .filter(path -> !path.isBlank())
                .ifPresent(path -> candidates.add(Path.of(path, "reverb")));
        candidates.add(temporary.resolve(PREFIX + System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_")));
        own = List.copyOf(candidates);
    }

    /**
     * Writes this process's file into every folder that can be written, since who looks for it may not have this
     * process's environment; returns the files. The server runs without one too.
     */
    List<Path> register(int port) {
        ProcessHandle self = ProcessHandle.current();
        String content = self.pid() + " " + started(self).map(Instant::toString).orElse("-") + "\n";
        List<Path> files = new ArrayList<>();
        for (Path folder : own) {
            try {
                createPrivate(folder);
                Path part = Files.createTempFile(folder, ".new", "");
                Files.writeString(part, content);
                files.add(Files.move(part, folder.resolve(port + SUFFIX), StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING));
            } catch (IOException e) {
                LOG.debug("{} cannot hold the file that restart looks for", folder, e);
            }
        }
        return files;
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

    /** The server on {@code port}, if one that this user may restart is running. */
    Optional<Running> find(int port) {
        return all().stream().filter(server -> server.port() == port).findFirst();
    }

    /** Every running server that this user may restart, by port. */
    Collection<Running> all() {
        Map<Integer, Running> found = new TreeMap<>();
        for (Path folder : searched()) {
            if (!believed(folder)) {
                continue;
            }
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
                String owner = Files.getOwner(folder).getName();
                for (Path file : files) {
                    read(file, owner).ifPresent(server -> found.putIfAbsent(server.port(), server));
                }
            } catch (IOException e) {
                LOG.debug("{} cannot be searched", folder, e);
            }
        }
        return found.values();
    }

    /** Users, other than this one, in whose folders servers are registered. */
    Set<String> otherUsers() {
        Set<String> users = new TreeSet<>();
        for (Path folder : searched()) {
            try {
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                    users.add(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName());
                }
            } catch (IOException e) {
                LOG.debug("{} has no owner", folder, e);
            }
        }
        users.remove(me);
        return users;
    }

    private Set<Path> searched() {
        Set<Path> folders = new LinkedHashSet<>(own);
        folders.add(SERVICE);
        try (DirectoryStream<Path> others = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            others.forEach(folders::add);
        } catch (IOException e) {
            LOG.debug("{} cannot be searched", temporary, e);
        }
        return folders;
    }

    private boolean believed(Path folder) {
        try {
            return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && (me.equals(ROOT) || ownedByThisUser(folder))
                    && !writableByOthers(folder);
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<Running> read(Path file, String owner) {
        try {
            String name = file.getFileName().toString();
            int port = Integer.parseInt(name.substring(0, name.length() - SUFFIX.length()));
            String[] parts = Files.readString(file).strip().split(" ");
            Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(parts[0]))
                    .filter(ProcessHandle::isAlive)
                    .filter(handle -> parts.length > 1 && startedAt(handle, parts[1]));
            if (process.isEmpty() || !owner.equals(userOf(process.get(), owner))) {
                return Optional.empty();
            }
            return Optional.of(new Running(port, process.get(), owner));
        } catch (IOException | NumberFormatException | DateTimeParseException e) {
            LOG.debug("{} names no server", file, e);
            return Optional.empty();
        }
    }

    private static Optional<Instant> started(ProcessHandle process) {
        return process.info().startInstant();
    }

    /**
     * The system gives a start as time since it booted, and the boot as a second that wavers with its clock: a
     * difference of {@link #CLOCK_WAVER} is none.
     */
    private static boolean startedAt(ProcessHandle process, String written) {
        Optional<Instant> start = started(process);
        if (start.isEmpty() || written.equals("-")) {
            return start.isEmpty() && written.equals("-");
        }
        return Duration.between(Instant.parse(written), start.get()).abs().compareTo(CLOCK_WAVER) <= 0;
    }

    private void createPrivate(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            if (!ownedByThisUser(folder) || writableByOthers(folder)) {
                throw new IOException(folder + " is not this user's alone");
            }
            return;
        }
        Files.createDirectory(folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private boolean ownedByThisUser(Path folder) throws IOException {
        return Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName().equals(me);
    }

    private static boolean writableByOthers(Path folder) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
        return permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE);
    }

    /** A user without an entry in the user database has its number for a name, as the owner of a file has. */
    private static String thisUser() {
        return userOf(ProcessHandle.current(), System.getProperty("user.name"));
    }

    /** @param otherwise where the system has no /proc, as macOS, and does not say either */
    private static String userOf(ProcessHandle process, String otherwise) {
        try {
            return Files.getOwner(Path.of("/proc", Long.toString(process.pid()))).getName();
        } catch (IOException e) {
            return process.info().user().orElse(otherwise);
        }
    }
}
