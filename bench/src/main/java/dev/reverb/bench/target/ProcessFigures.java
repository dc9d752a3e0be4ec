package dev.reverb.bench.target;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What the Linux kernel says of one process: {@code /proc/PID}. Stateless; any thread. */
public record ProcessFigures(long pid) {
    /** The kernel counts time in hundredths of a second here on every machine that Java runs on. */
    static final long NANOS_PER_TICK = 10_000_000;

    private static final String LISTENING = "0A";

    /** User and system time used so far by all threads, in nanoseconds, in steps of 10 ms. */
    public long cpuNanos() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        // the second field is the command in brackets and may hold blanks
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
    }

    /** Resident memory in bytes. */
    public long residentBytes() throws IOException {
        return KernelMemory.bytes(Path.of("/proc/" + pid + "/status"), "VmRSS");
    }

    /** How many files and sockets the process holds open. */
    public int openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return (int) files.count();
        }
    }

    /**
     * Lets a JVM collect its garbage and give pages back.
     *
     * @return false if the process is no JVM that answers {@code jcmd}
     */
    public boolean collectGarbage() throws IOException {
        Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid), "GC.run").redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return jcmd.waitFor() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the garbage was collected", e);
        }
    }

    /** The process among {@code root} and what it started that listens on a TCP port, if any does by now. */
    static Optional<ProcessFigures> listener(ProcessHandle root, int port) throws IOException {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            Path path = Path.of(table);
            if (Files.exists(path)) {
                for (String line : Files.readAllLines(path)) {
                    String[] fields = line.strip().split("\\s+");
                    if (fields.length > 9 && fields[3].equals(LISTENING)
                            && fields[1].endsWith(":" + "%04X".formatted(port))) {
                        sockets.add("socket:[" + fields[9] + "]");
                    }
                }
            }
        }
        return Stream.concat(Stream.of(root), root.descendants())
                .map(ProcessHandle::pid)
                .filter(pid -> holdsAny(pid, sockets))
                .map(ProcessFigures::new)
                .findFirst();
    }

    private static boolean holdsAny(long pid, Set<String> sockets) {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return files.anyMatch(file -> {
                try {
                    return sockets.contains(Files.readSymbolicLink(file).toString());
                } catch (IOException e) {
                    return false; // closed between listing and reading
                }
            });
        } catch (IOException | UncheckedIOException e) {
            return false; // the process has ended
        }
    }
}
