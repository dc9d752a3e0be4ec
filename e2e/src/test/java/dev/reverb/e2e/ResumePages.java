package dev.reverb.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverb.e2e.cluster.Shell;
import dev.reverb.e2e.live.Application;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Two pages in Chromium before an application, one with the plugin that resumes and one without, and numbers that are
 * published to them: {@code e2e/pages/resume.mjs} in a process of its own.
 */
final class ResumePages implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedReader said;

    private ResumePages(Process process) {
        this.process = process;
        said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Opens the pages; they are connected and subscribed, or about to be. */
    static ResumePages open(Application application) {
        ProcessBuilder builder = new ProcessBuilder(List.of("node", "e2e/pages/resume.mjs"))
                .directory(Shell.repository().toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("APP_URL", application.base().toString());
        builder.environment().put("APP_ID", application.id());
        builder.environment().put("APP_KEY", application.key());
        builder.environment().put("APP_SECRET", application.secret());
        try {
            ResumePages pages = new ResumePages(builder.start());
            var _ = pages.read();
            return pages;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the pages show and received until now. */
    JsonNode report() {
        return ask("report");
    }

    /** The page with the plugin loses the network, or has it again. */
    JsonNode network(boolean there) {
        return ask(there ? "online" : "offline");
    }

    private JsonNode ask(String command) {
        try {
            process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            return read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode read() throws IOException {
        String line = said.readLine();
        if (line == null) {
            throw new AssertionError("e2e/pages/resume.mjs ended; its errors stand above");
        }
        return JSON.readTree(line);
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().write("end\n".getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().close();
            var _ = process.waitFor(20, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
