package dev.reverb.bench.target;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets processes run before everything else on their cores (SCHED_RR) until it is closed, so that a busy machine can be
 * measured at all. Others stand still meanwhile: to be held for seconds. Needs root and {@code chrt} (util-linux).
 */
public final class RealTime implements AutoCloseable {
    private final List<Long> raised = new ArrayList<>();

    /**
     * Raises all threads of some processes; threads started meanwhile inherit it.
     *
     * @throws IOException if this user may not, or {@code chrt} is missing
     */
    public static RealTime of(long... pids) throws IOException {
        RealTime realTime = new RealTime();
        try {
            for (long pid : pids) {
                chrt("--rr", "1", pid);
                realTime.raised.add(pid);
            }
            return realTime;
        } catch (IOException e) {
            realTime.close();
            throw e;
        }
    }

    private RealTime() {}

    @Override
    public void close() throws IOException {
        for (long pid : raised) {
            if (ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
                chrt("--other", "0", pid);
            }
        }
    }

    private static void chrt(String policy, String priority, long pid) throws IOException {
        Process chrt = new ProcessBuilder("chrt", "--all-tasks", policy, "--pid", priority, Long.toString(pid))
                .redirectErrorStream(true)
                .start();
        String said = new String(chrt.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (chrt.waitFor() != 0) {
                throw new IOException("--realtime: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a process's priority was set", e);
        }
    }
}
