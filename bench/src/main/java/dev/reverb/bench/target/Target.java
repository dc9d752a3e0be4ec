package dev.reverb.bench.target;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

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
     * @param setup what to start: the server alone, or with others, all on that core
     */
    public record Recipe(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path log,
            int core,
            boolean pin,
            Setup setup) {
        /** The same with variables added to its environment. */
        public Recipe with(Map<String, String> added) {
            Map<String, String> all = new java.util.TreeMap<>(environment);
            all.putAll(added);
            return new Recipe(name, command, Map.copyOf(all), log, core, pin, setup);
        }

        /** The same in another setup. */
        public Recipe in(Setup other) {
            return new Recipe(name, command, environment, log, core, pin, other);
        }

        /** The same with its application in a file, where there are rules of history or other applications. */
        private Recipe fromFile() throws IOException {
            Map<String, String> others = new java.util.TreeMap<>(environment);
            others.keySet().removeIf(variable -> variable.startsWith("REVERB_APP_"));
            Path file = log.resolveSibling("bench-apps.yaml");
            StringBuilder apps = new StringBuilder("""
                apps:
                  - app_id: %s
                    key: %s
                    secret: %s
                    accept_client_events_from: members
                    rate_limiting: {enabled: false}
                    ping_interval: %s
                """.formatted(environment.get("REVERB_APP_ID"), environment.get("REVERB_APP_KEY"),
                    environment.get("REVERB_APP_SECRET"), environment.get("REVERB_APP_PING_INTERVAL")));
            if (setup == Setup.HISTORY) {
                apps.append("    history:\n      - {channels: \"*\", count: 100, age: 1m}\n");
            }
            for (int i = 1; setup == Setup.APPS && i < APPS; i++) {
                apps.append("  - {app_id: app-%d, key: key-%d, secret: secret-of-%d}\n".formatted(i, i, i));
            }
            Files.writeString(file, apps);
            others.put("REVERB_CONFIG", file.toString());
            return new Recipe(name, command, Map.copyOf(others), log, core, pin, setup);
        }

        /** The same under another name. */
        public Recipe named(String other) {
            return new Recipe(other, command, environment, log.resolveSibling(other + ".log"), core, pin, setup);
        }
    }

    private static final int APPS = 5_000;
    private static final long START_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long STOP_LIMIT_SECONDS = 10;

    private final String name;
    private final Process process;
    private final InetSocketAddress address;
    private final double acceptedAfter;
    private final ProcessFigures figures;
    private final Setup setup;
    private final List<Target> others;
    private final Optional<RedisServer> redis;
    private final int managementPort;

    private Target(Recipe recipe, Process process, InetSocketAddress address, double acceptedAfter,
            ProcessFigures figures, List<Target> others, Optional<RedisServer> redis, int managementPort) {
        name = recipe.name();
        setup = recipe.setup();
        this.process = process;
        this.address = address;
        this.acceptedAfter = acceptedAfter;
        this.figures = figures;
        this.others = others;
        this.redis = redis;
        this.managementPort = managementPort;
    }

    /**
     * Starts a server and waits until it accepts a connection, at most 60 s.
     *
     * @throws IOException if it ends or does not accept in time; the message ends with what it wrote last
     */
    public static Target start(Recipe recipe) throws IOException {
        Setup setup = recipe.setup();
        if (setup.nodes() == 0) {
            return start(setup == Setup.PLAIN ? recipe : recipe.fromFile(), List.of(), Optional.empty());
        }
        int port = freePort();
        Process process = new ProcessBuilder(pinned(recipe,
                List.of("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "")))
                .redirectErrorStream(true)
                .redirectOutput(recipe.log().resolveSibling("redis.log").toFile())
                .start();
        List<Target> others = new ArrayList<>();
        try {
            awaitAccept(recipe.named("redis"), process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    System.nanoTime());
            Recipe node = recipe.with(Map.of("REVERB_SCALING_ENABLED", "true", "REDIS_PORT", Integer.toString(port)));
            while (others.size() < setup.nodes() - 1) {
                String suffix = others.isEmpty() ? "-entry" : "-node" + others.size();
                others.add(start(node.named(recipe.name() + suffix), List.of(), Optional.empty()));
            }
            return start(node, List.copyOf(others), Optional.of(new RedisServer(process, port)));
        } catch (IOException | RuntimeException e) {
            others.forEach(Target::close);
            stop(process);
            throw e;
        }
    }

    private static List<String> pinned(Recipe recipe, List<String> program) {
        List<String> command = new ArrayList<>();
        if (recipe.pin()) {
            command.addAll(List.of("taskset", "-c", Integer.toString(recipe.core())));
        }
        command.addAll(program);
        return command;
    }

    private static Target start(Recipe recipe, List<Target> others, Optional<RedisServer> redis) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        List<String> command = pinned(recipe,
                recipe.command()
                        .stream()
                        .map(part -> part.replace("{port}", Integer.toString(address.getPort())))
                        .toList());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(recipe.log().toFile());
        builder.environment().putAll(recipe.environment());
        int managementPort = freePort();
        builder.environment().replace("REVERB_MANAGEMENT_PORT", Integer.toString(managementPort));
        long begin = System.nanoTime();
        Process process = builder.start();
        try {
            double acceptedAfter = awaitAccept(recipe, process, address, begin);
            ProcessFigures figures = ProcessFigures.listener(process.toHandle(), address.getPort())
                    .orElseThrow(() -> new IOException(
                            "no process of " + recipe.name() + " listens on port " + address.getPort()));
            return new Target(recipe, process, address, acceptedAfter, figures, others, redis, managementPort);
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

    /** Where publications enter: the same, or another node. */
    public InetSocketAddress entry() {
        return others.isEmpty() ? address : others.getFirst().address;
    }

    /** Every node's. */
    public List<InetSocketAddress> addresses() {
        List<InetSocketAddress> all = new ArrayList<>(List.of(address));
        others.forEach(other -> all.add(other.address));
        return all;
    }

    /** The Redis between the nodes, if there is one. */
    public Optional<RedisServer> redis() {
        return redis;
    }

    /** How many frames of other nodes all nodes together have taken in. */
    public double framesReceived() throws IOException {
        double sum = 0;
        for (Target other : others) {
            sum += other.framesReceived();
        }
        var metrics = URI.create("http://127.0.0.1:" + managementPort + "/metrics").toURL();
        try (InputStream in = metrics.openStream()) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                if (line.startsWith("reverb_scaling_received_total")) {
                    sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                }
            }
        }
        return sum;
    }

    /** User and system time of all its processes, in nanoseconds, in steps of 10 ms. */
    public long cpuNanos() throws IOException {
        long sum = figures.cpuNanos() + redisNanos();
        for (Target other : others) {
            sum += other.cpuNanos();
        }
        return sum;
    }

    /** User and system time of the Redis among them, in nanoseconds, in steps of 10 ms; 0 if there is none. */
    public long redisNanos() throws IOException {
        return redis.isPresent() ? new ProcessFigures(redis.get().process().pid()).cpuNanos() : 0;
    }

    /** All its processes. */
    public LongStream pids() {
        LongStream beside = LongStream.concat(others.stream().flatMapToLong(Target::pids),
                redis.stream().mapToLong(server -> server.process().pid()));
        return LongStream.concat(LongStream.of(figures.pid()), beside);
    }

    /** What it was started with. */
    public Setup setup() {
        return setup;
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
        others.forEach(Target::close);
        redis.ifPresent(server -> stop(server.process()));
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
