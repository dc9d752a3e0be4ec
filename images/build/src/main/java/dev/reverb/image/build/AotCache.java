package dev.reverb.image.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The JVM's ahead-of-time cache: classes loaded and linked in a training run, mapped at every start.
 *
 * <p>The JVM does not notice when a jar changes after the training (see
 * {@link dev.reverb.image.boot.ClassPathKey}), so a cache is named after the key of the jars that it was trained
 * with, one
 * is trained whenever that name does not exist, and the program compares the key at its start.
 */
final class AotCache {

    private static final long TRAINING_SECONDS = 180;
    /** Exit code of a JVM that SIGTERM ended. */
    private static final int TERMINATED = 143;

    private AotCache() {}

    /**
     * Trains with the image's own Java, the jars in their final order and the options that the image runs with.
     *
     * @param java the linked runtime's {@code bin/java}
     * @param options of the JVM, the class path among them
     * @param cache the file to write
     */
    static void train(Path java, List<String> options, Training training, Path cache, Path log)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.add("-XX:AOTCacheOutput=" + cache);
        command.addAll(options);
        command.add("dev.reverb.image.boot.Boot");
        command.addAll(training.arguments());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(training.environment());
        Process process = builder.start();
        try {
            training.exercise(process::isAlive);
            process.destroy();
            if (!process.waitFor(TRAINING_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the trained program did not end within " + TRAINING_SECONDS + " s of SIGTERM");
            }
            if (process.exitValue() != 0 && process.exitValue() != TERMINATED) {
                throw new IOException("the trained program ended with exit code " + process.exitValue());
            }
        } catch (IOException e) {
            throw new IOException(
                    "training failed: " + e.getMessage() + "; the program said:\n" + Files.readString(log), e);
        } finally {
            process.destroyForcibly();
        }
        if (!Files.exists(cache)) {
            throw new IOException("the training run wrote no cache; the program said:\n" + Files.readString(log));
        }
    }
}
