package dev.reverb.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel holds for sockets and files: memory that no process's resident size shows. */
final class KernelMemory {
    private KernelMemory() {}

    /** Bytes in the kernel's object caches, of the whole machine: {@code Slab} in {@code /proc/meminfo}. */
    static long slabBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("Slab:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException("/proc/meminfo has no Slab");
    }
}
