package dev.reverb.server.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The program {@code reverb} as a process of its own, and everything that it prints. */
final class Program implements AutoCloseable {
    /** Generous: what is awaited takes a fraction of a second on a machine that does nothing else. */
    private static final long PATIENCE_SECONDS = 240;

    private static final Pattern LISTENS = Pattern.compile("listens on \\S+?:(\\d+)(?:/\\S*)? with");

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;
    private boolean ended;

    private Program(Process process) {
        this.process = process;
        this.reader = Thread.ofPlatform().daemon().start(this::collect);
    }

    /** Runs Java with this test's class path. Nothing of this process's environment but the PATH gets there. */
    static Program run(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        // who starts the tests in the background has SIGINT ignored, and every process below it inherits that
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + folder, "-cp",
                classPath(), Main.class.getName()));
        command.addAll(List.of(arguments));
        return execute(folder, environment, command);
    }

    /** This test's class path, for a process in another folder. */
    static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Runs any command in the same way. */
    static Program execute(Path folder, Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        String path = System.getenv("PATH");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().put("HOME", folder.toString());
        builder.environment().putAll(environment);
        return new Program(builder.start());
    }

    /** Waits until a server says that it listens; returns its port. */
    int port() throws InterruptedException {
        Matcher matcher = LISTENS.matcher(await(line -> LISTENS.matcher(line).find()));
        if (!matcher.find()) {
            throw new AssertionError(output());
        }
        return Integer.parseInt(matcher.group(1));
    }

    /** Waits for a line. */
    synchronized String await(Predicate<String> wanted) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            for (String line : lines) {
                if (wanted.test(line)) {
                    return line;
                }
            }
            if (ended || System.nanoTime() > end) {
                throw new AssertionError((ended ? "ended without it: " : "not in time: ") + String.join("\n", lines));
            }
            wait(100);
        }
    }

    /** Waits for the end; returns the exit code. */
    int exit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running: " + output());
        }
        reader.join();
        return process.exitValue();
    }

    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        kill.waitFor();
    }

    long pid() {
        return process.pid();
    }

    synchronized String output() {
        return String.join("\n", lines);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void collect() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (@Nullable
            String line = in.readLine(); line != null; line = in.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            add(e.toString());
        }
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }
}
