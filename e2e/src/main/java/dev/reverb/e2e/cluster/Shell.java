package dev.reverb.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs the repository's scripts as a user would. */
public final class Shell {
    private Shell() {}

    /** The repository's root: {@code REVERB_E2E_REPOSITORY}, set by the build, else the folder above this module. */
    public static Path repository() {
        String given = System.getenv("REVERB_E2E_REPOSITORY");
        return given == null ? Path.of("..").toAbsolutePath().normalize() : Path.of(given);
    }

    /**
     * Runs a command in the repository and returns what it wrote to standard output.
     *
     * @throws AssertionError with all that it wrote when it ends with another code than 0
     */
    public static String run(Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).directory(repository().toFile());
            builder.environment().putAll(environment);
            Path errors = Files.createTempFile("e2e", ".err");
            try {
                Process process = builder.redirectError(errors.toFile()).start();
                process.getOutputStream().close();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int code = process.waitFor();
                if (code != 0) {
                    throw new AssertionError(String.join(" ", command) + " ended with " + code + ":\n" + output
                            + Files.readString(errors));
                }
                return output;
            } finally {
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
