package dev.reverb.server.config;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many files this process may have open: every connection is one. The JVM has raised its soft limit to the hard
 * one by the time this is read.
 *
 * @param files the limit; empty when there is none, or nobody says
 * @param open descriptors in use
 */
public record OpenFilesLimit(OptionalLong files, int open) {
    /** Jars, logs, epoll and event descriptors, links to Redis, webhooks, scrapes: what is not a client. */
    private static final int RESERVED = 200;
    private static final int LATER = 80;

    private static final int LOW = 10_000;
    private static final Path PROC = Path.of("/proc/self/limits");
    private static final Path FDS = Path.of("/proc/self/fd");
    private static final Pattern SOFT = Pattern.compile("(?m)^Max open files\\s+(\\d+|unlimited)");

    /** This process's limit, now. */
    public static OpenFilesLimit read() {
        try {
            return parse(Files.readString(PROC), openNow());
        } catch (IOException e) {
            // no /proc, as on macOS; the bean costs a start-up tens of milliseconds, so it comes second
            return ManagementFactory
                    .getOperatingSystemMXBean() instanceof com.sun.management.UnixOperatingSystemMXBean unix
                            ? new OpenFilesLimit(OptionalLong.of(unix.getMaxFileDescriptorCount()),
                                    (int) unix.getOpenFileDescriptorCount())
                            : new OpenFilesLimit(OptionalLong.empty(), 0);
        }
    }

    static OpenFilesLimit parse(String limits, int open) {
        Matcher matcher = SOFT.matcher(limits);
        return new OpenFilesLimit(matcher.find() && !matcher.group(1).equals("unlimited")
                ? OptionalLong.of(Long.parseLong(matcher.group(1)))
                : OptionalLong.empty(), open);
    }

    private static int openNow() {
        String[] open = FDS.toFile().list();
        return open == null ? 0 : open.length;
    }

    /**
     * How many connections fit, at least 1. Kept back are {@value #RESERVED} descriptors, of a small limit a quarter,
     * and in any case what is open now, three for each event loop, and {@value #LATER} for what is opened later: jars,
     * links to Redis, scrapes, and sockets that are being refused.
     *
     * @param loops event loops
     */
    public int connections(int loops) {
        long limit = files.orElse(Integer.MAX_VALUE);
        long reserve = Math.max(Math.min(RESERVED, limit / 4), open + 3L * loops + LATER);
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, limit - reserve));
    }

    /** Whether a server of any size would run into it. */
    public boolean low() {
        return files.isPresent() && files.getAsLong() < LOW;
    }
}
