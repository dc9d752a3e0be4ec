package dev.reverb.bench.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the Linux kernel says of memory. Stateless; any thread. */
public final class KernelMemory {
    private static final int KIB = 1024;

    private KernelMemory() {}

    /**
     * Bytes in the kernel's object caches, of the whole machine: what sockets and files take that no process's resident
     * size shows.
     */
    public static long slabBytes() throws IOException {
        return bytes(Path.of("/proc/meminfo"), "Slab");
    }

    /** The line {@code field} of a table in kB. */
    static long bytes(Path table, String field) throws IOException {
        for (String line : Files.readAllLines(table)) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB;
            }
        }
        throw new IOException(table + " has no " + field);
    }
}
