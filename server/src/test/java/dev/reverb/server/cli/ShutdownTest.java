package dev.reverb.server.cli;

import static dev.reverb.server.cli.ProgramTest.oneApp;
import static dev.reverb.testkit.Await.holds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the program ends: signals, drain, restart. */
final class ShutdownTest {

    @TempDir
    Path folder;

    @Test
    void aSignalDrainsWithACodeThatClientsReturnFromAndTheProcessEndsWithZero() throws Exception {
        Path message = folder.resolve("termination");
        Map<String, String> environment = oneApp();
        environment.put("REVERB_TERMINATION_MESSAGE_PATH", message.toString());
        for (String signal : List.of("TERM", "INT")) {
            try (HttpClient http = HttpClient.newHttpClient();
                    Program server = Program.run(folder, environment, "start")) {
                Subscriber one = Subscriber.join(http, server.port(), "shop-key", "a");
                Subscriber two = Subscriber.join(http, server.port(), "shop-key", "a");

                server.signal(signal);

                assertEquals(4100, one.closeCode());
                assertEquals(4100, two.closeCode());
                assertEquals(0, server.exit(), server::output);
                assertTrue(Files.readString(message).matches("\\{\"drained\":2,\"cut\":0,\"seconds\":\\d+\\.\\d{3}}\n"),
                        Files.readString(message));
                assertFalse(server.output().contains("hunter2"));
            }
        }
    }

    @Test
    void aServerThatWasHeldUpKeepsThePaceInsteadOfMakingUpForIt() throws Exception {
        Map<String, String> environment = oneApp();
        environment.put("REVERB_DRAIN_DURATION", "60s");
        environment.put("REVERB_DRAIN_CLOSES_PER_SECOND", "10");
        try (HttpClient http = HttpClient.newHttpClient(); Program server = Program.run(folder, environment, "start")) {
            List<Subscriber> clients = new ArrayList<>();
            for (int i = 0; i < 90; i++) {
                clients.add(Subscriber.join(http, server.port(), "shop-key", "a"));
            }
            LongSupplier closed = () -> clients.stream().filter(Subscriber::isClosed).count();
            server.signal("TERM");
            Await.until("the first close", () -> closed.getAsLong() > 0);
            server.signal("STOP");
            long before = closed.getAsLong();
            assertFalse(holds(Duration.ofSeconds(4), () -> closed.getAsLong() > before + 10), "it is stopped");
            server.signal("CONT");
            assertFalse(holds(Duration.ofSeconds(1), () -> closed.getAsLong() > before + 30),
                    () -> closed.getAsLong() - before + " closes in a second");
        }
    }

    @Test
    void aSecondSignalEndsAtOnce() throws Exception {
        Map<String, String> environment = oneApp();
        environment.put("REVERB_DRAIN_DURATION", "10m");
        environment.put("REVERB_DRAIN_CLOSES_PER_SECOND", "1");
        try (HttpClient http = HttpClient.newHttpClient(); Program server = Program.run(folder, environment, "start")) {
            for (int i = 0; i < 90; i++) {
                Subscriber.join(http, server.port(), "shop-key", "a");
            }
            server.signal("TERM");
            server.await(line -> line.contains("SIGTERM: draining"));
            server.signal("TERM");

            assertEquals(143, server.exit(), server::output);
        }
    }

    @Test
    void restartFindsTheServerByItsPortAndDrainsIt() throws Exception {
        Map<String, String> environment = oneApp();
        try (Program server = Program.run(folder, environment, "start")) {
            int port = server.port();
            try (Program restart = Program.run(folder, Map.of(), "restart", "--port", Integer.toString(port))) {
                assertEquals(0, restart.exit(), restart::output);
                assertEquals("The server on port " + port + " (pid " + server.pid()
                        + ") is draining; it ends when its connections are closed.", restart.output());
            }
            assertEquals(0, server.exit(), server::output);
            try (Program restart = Program.run(folder, Map.of(), "restart", "--port", Integer.toString(port))) {
                assertEquals(1, restart.exit());
                assertEquals(
                        "reverb: no server of this user is running on port " + port
                                + "; say --port if it has another, or use the supervisor that started it",
                        restart.output());
            }
        }
    }

    @Test
    void restartSignalsNobodyWhoseProcessOnlyHasThePidOfADeadServer() throws Exception {
        Path states = Files.createDirectory(folder.resolve("reverb-" + System.getProperty("user.name")));
        Files.writeString(states.resolve("9999.pid"), ProcessHandle.current().pid() + " 2001-01-01T00:00:00Z\n");

        try (Program restart = Program.run(folder, Map.of(), "restart", "--port", "9999")) {
            assertEquals(1, restart.exit(), restart::output);
        }
    }
}
