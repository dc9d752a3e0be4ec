package dev.reverb.bench.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How one processor core has spent its time, all processes together: {@code /proc/stat}. Stateless; any thread. */
public record CoreFigures(int core) {
    private static final int IDLE = 4;
    private static final int IO_WAIT = 5;
    private static final int STEAL = 8;

    /** Time that the hypervisor took, in nanoseconds since boot, in steps of 10 ms. */
    public long stolenNanos() throws IOException {
        return Long.parseLong(fields()[STEAL]) * ProcessFigures.NANOS_PER_TICK;
    }

    /**
     * Time that was not idle, in nanoseconds since boot, in steps of 10 ms; time that the hypervisor took counts,
     * because
     * the measured process did not have it either.
     */
    public long busyNanos() throws IOException {
        String[] fields = fields();
        long ticks = 0;
        for (int i = 1; i <= STEAL; i++) {
            if (i != IDLE && i != IO_WAIT) {
                ticks += Long.parseLong(fields[i]);
            }
        }
        return ticks * ProcessFigures.NANOS_PER_TICK;
    }

    private String[] fields() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
            if (line.startsWith("cpu" + core + " ")) {
                return line.split(" ");
            }
        }
        throw new IOException("/proc/stat knows no core " + core);
    }
}
