package dev.reverb.bench.target;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One running server process, pinned to its core, that accepts connections on loopback. Started and stopped by one
 * thread.
 */
public final class Target implements AutoCloseable {
    /**
     * How to start one.
     *
     * @param name what the report calls it
     * @param command program and arguments; {@code {port}} stands for the port
     * @param environment added to this process's own
     * @param log file that its output goes to, replaced at every start
     * @param core the core that it is pinned to
     * @param pin whether to pin at all: {@code taskset} is there
     * @param crossing whether to start two nodes and a Redis between them, all on that core
     */
    public record Recipe(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path log,
            int core,
            boolean pin,
            boolean crossing) {
        /** The same with variables added to its environment. */
        public Recipe with(Map<String, String> added) {
            Map<String, String> all = new java.util.TreeMap<>(environment);
            all.putAll(added);
            return new Recipe(name, command, Map.copyOf(all), log, core, pin, crossing);
        }

        /** The same as two nodes with a Redis between them. */
        public Recipe across() {
            return new Recipe(name, command, environment, log, core, pin, true);
        }

        /** The same under another name. */
        public Recipe named(String other) {
            return new Recipe(other, command, environment, log.resolveSibling(other + ".log"), core, pin, crossing);
        }
    }

    private static final long START_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long STOP_LIMIT_SECONDS = 10;

    private final String name;
    private final Process process;
    private final InetSocketAddress address;
    private final double acceptedAfter;
    private final ProcessFigures figures;
    private final Optional<Far> far;

    /** The node where publications enter, and the Redis between. */
    private record Far(Target entry, Process redis) {}

    private Target(String name, Process process, InetSocketAddress address, double acceptedAfter,
            ProcessFigures figures, Optional<Far> far) {
        this.name = name;
        this.process = process;
        this.address = address;
        this.acceptedAfter = acceptedAfter;
        this.figures = figures;
        this.far = far;
    }

    /**
     * Starts a server and waits until it accepts a connection, at most 60 s.
     *
     * @throws IOException if it ends or does not accept in time; the message ends with what it wrote last
     */
    public static Target start(Recipe recipe) throws IOException {
        if (!recipe.crossing()) {
            return start(recipe, Optional.empty());
        }
        int port = freePort();
        Process redis = new ProcessBuilder(pinned(recipe,
                List.of("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "")))
                .redirectErrorStream(true)
                .redirectOutput(recipe.log().resolveSibling("redis.log").toFile())
                .start();
        try {
            awaitAccept(recipe.named("redis"), redis, new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    System.nanoTime());
            Recipe node = recipe.with(Map.of("REVERB_SCALING_ENABLED", "true", "REDIS_PORT", Integer.toString(port)));
            Target entry = start(node.named(recipe.name() + "-entry"), Optional.empty());
            try {
                return start(node, Optional.of(new Far(entry, redis)));
            } catch (IOException | RuntimeException e) {
                entry.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            stop(redis);
            throw e;
        }
    }

    private static List<String> pinned(Recipe recipe, List<String> program) {
        List<String> command = new java.util.ArrayList<>();
        if (recipe.pin()) {
            command.addAll(List.of("taskset", "-c", Integer.toString(recipe.core())));
        }
        command.addAll(program);
        return command;
    }

    private static Target start(Recipe recipe, Optional<Far> far) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        List<String> command = pinned(recipe,
                recipe.command()
                        .stream()
                        .map(part -> part.replace("{port}", Integer.toString(address.getPort())))
                        .toList());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(recipe.log().toFile());
        builder.environment().putAll(recipe.environment());
        long begin = System.nanoTime();
        Process process = builder.start();
        try {
            double acceptedAfter = awaitAccept(recipe, process, address, begin);
            ProcessFigures figures = ProcessFigures.listener(process.toHandle(), address.getPort())
                    .orElseThrow(() -> new IOException(
                            "no process of " + recipe.name() + " listens on port " + address.getPort()));
            return new Target(recipe.name(), process, address, acceptedAfter, figures, far);
        } catch (IOException | RuntimeException e) {
            stop(process);
            throw e;
        }
    }

    private static double awaitAccept(Recipe recipe, Process process, InetSocketAddress address, long begin)
            throws IOException {
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(address);
                return (System.nanoTime() - begin) / 1e9;
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException(
                            recipe.name() + " ended with status " + process.exitValue() + ": " + tail(recipe.log()), e);
                }
                if (System.nanoTime() - begin > START_LIMIT_NANOS) {
                    throw new IOException(recipe.name() + " accepts no connection on " + address + " after 60 s: "
                            + tail(recipe.log()), e);
                }
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private static String tail(Path log) throws IOException {
        String text = Files.readString(log);
        return text.substring(Math.max(0, text.length() - 2000)).strip();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What the report calls it. */
    public String name() {
        return name;
    }

    /** Where it accepts connections. */
    public InetSocketAddress address() {
        return address;
    }

    /** Where publications enter: the same, or the other node. */
    public InetSocketAddress entry() {
        return far.map(node -> node.entry().address()).orElse(address);
    }

    /** User and system time of all its processes, in nanoseconds, in steps of 10 ms. */
    public long cpuNanos() throws IOException {
        long nanos = figures.cpuNanos();
        if (far.isPresent()) {
            nanos += far.get().entry().cpuNanos() + new ProcessFigures(far.get().redis().pid()).cpuNanos();
        }
        return nanos;
    }

    /** Seconds from starting the process to its first accepted connection. */
    public double acceptedAfter() {
        return acceptedAfter;
    }

    /** Its process, which is not the launcher's when the launcher started another. */
    public ProcessFigures figures() {
        return figures;
    }

    /** Stops it: asks first, and kills what is left after 10 s. */
    @Override
    public void close() {
        stop(process);
        far.ifPresent(node -> {
            node.entry().close();
            stop(node.redis());
        });
    }

    private static void stop(Process process) {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroy();
        started.forEach(ProcessHandle::destroy);
        try {
            process.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
    }
}
