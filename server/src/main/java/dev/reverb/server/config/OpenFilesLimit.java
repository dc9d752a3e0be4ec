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
 */
public record OpenFilesLimit(OptionalLong files) {
    /** Jars, logs, epoll and event descriptors, links to Redis, webhooks, scrapes: what is not a client. */
    private static final int RESERVED = 200;

    private static final int LOW = 10_000;
    private static final Path PROC = Path.of("/proc/self/limits");
    private static final Pattern SOFT = Pattern.compile("(?m)^Max open files\\s+(\\d+|unlimited)");

    /** This process's limit, now. */
    public static OpenFilesLimit read() {
        try {
            return parse(Files.readString(PROC));
        } catch (IOException e) {
            // no /proc, as on macOS; the bean costs a start-up tens of milliseconds, so it comes second
            return ManagementFactory
                    .getOperatingSystemMXBean() instanceof com.sun.management.UnixOperatingSystemMXBean unix
                            ? new OpenFilesLimit(OptionalLong.of(unix.getMaxFileDescriptorCount()))
                            : new OpenFilesLimit(OptionalLong.empty());
        }
    }

    static OpenFilesLimit parse(String limits) {
        Matcher matcher = SOFT.matcher(limits);
        return new OpenFilesLimit(matcher.find() && !matcher.group(1).equals("unlimited")
                ? OptionalLong.of(Long.parseLong(matcher.group(1)))
                : OptionalLong.empty());
    }

    /** How many connections fit, at least 1; a small limit is not eaten up by what is kept back. */
    public int connections() {
        long limit = files.orElse(Integer.MAX_VALUE);
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, limit - Math.min(RESERVED, limit / 4)));
    }

    /** Whether a server of any size would run into it. */
    public boolean low() {
        return files.isPresent() && files.getAsLong() < LOW;
    }
}
