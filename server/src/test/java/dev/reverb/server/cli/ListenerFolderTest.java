package dev.reverb.server.cli;

import static dev.reverb.server.cli.ProgramTest.oneApp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listeners of the five events in jars that no build knows, as docs/listeners.md makes them. */
final class ListenerFolderTest {

    @TempDir
    Path folder;

    @Test
    void aJarOutsideTheBuildHearsWhatHappens() throws Exception {
        Path source = Files.writeString(folder.resolve("Audit.java"), """
            package com.example;

            import dev.reverb.server.listener.ReverbEvent;
            import dev.reverb.server.listener.ReverbListener;

            public final class Audit implements ReverbListener {
                @Override
                public void on(ReverbEvent event) {
                    if (event instanceof ReverbEvent.ChannelCreated created) {
                        System.out.println("AUDIT " + created.app() + " " + created.channel());
                    }
                }
            }
            """);
        Path classes = Files.createDirectory(folder.resolve("classes"));
        assertEquals(0, ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-cp", Program.classPath(), "-d", classes.toString(), source.toString()));
        Path service = classes.resolve("META-INF/services/dev.reverb.server.listener.ReverbListener");
        Files.createDirectories(service.getParent());
        Files.writeString(service, "com.example.Audit\n");
        Path jars = Files.createDirectory(folder.resolve("jars"));
        InstalledTree.jar(List.of(classes), jars.resolve("audit.jar"), Map.of());
        try (HttpClient http = HttpClient.newHttpClient();
                Program server = Program.run(folder, oneApp(), "start", "--listeners", jars.toString())) {
            server.await(line -> line.contains("Listeners: com.example.Audit"));
            Subscriber.join(http, server.port(), "shop-key", "orders");
            server.await(line -> line.equals("AUDIT shop orders"));
        }
        try (Program check = Program.run(folder, oneListener(jars), "check")) {
            assertEquals(0, check.exit(), check::output);
            assertTrue(check.output().matches("(?s).*\\n  listeners +com.example.Audit\\n.*"), check.output());
        }
        Files.writeString(service, "com.example.Missing\n");
        InstalledTree.jar(List.of(classes), jars.resolve("audit.jar"), Map.of());
        refused(jars, "cannot be used: ");
        Files.delete(jars.resolve("audit.jar"));
        refused(jars, "has no jar that names one");
        refused(folder.resolve("nowhere"), "is not there");
    }

    private static Map<String, String> oneListener(Path jars) {
        Map<String, String> environment = new HashMap<>(oneApp());
        environment.put("REVERB_LISTENERS", jars.toString());
        return environment;
    }

    private void refused(Path jars, String why) throws Exception {
        try (Program check = Program.run(folder, oneListener(jars), "check")) {
            assertEquals(1, check.exit(), check::output);
            assertTrue(check.output().lines().anyMatch(line -> line.startsWith("reverb: ") && line.contains(why)),
                    check.output());
        }
        try (Program server = Program.run(folder, oneApp(), "start", "--listeners", jars.toString())) {
            assertEquals(1, server.exit(), server::output);
            assertTrue(server.output().contains(why), server.output());
        }
    }
}
