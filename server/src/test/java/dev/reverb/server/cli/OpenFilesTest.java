package dev.reverb.server.cli;

import static dev.reverb.server.cli.ProgramTest.oneApp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program where it may open few files. */
final class OpenFilesTest {

    @TempDir
    Path folder;

    @Test
    void aLowOpenFilesLimitIsSaidWithWhatItAllows() throws Exception {
        try (Program server = withOpenFiles(1000)) {
            String warning = server.await(line -> line.contains("WARN"));
            assertTrue(warning.contains("may open 1000 files, which is enough for 800 connections"), warning);
        }
    }

    @Test
    void moreSocketsThanTheOpenFilesLimitAllowsHarmNobodyWhoIsThere() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient(); Program server = withOpenFiles(400)) {
            int port = server.port();
            String root = "ws://127.0.0.1:" + port;
            Subscriber there = new Subscriber();
            WebSocket socket = there.connect(http.newWebSocketBuilder(), root, "shop-key");
            for (int i = 0; i < 600; i++) {
                crowd.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }
            socket.sendText("{\"event\":\"pusher:ping\",\"data\":{}}", true).join();
            there.await("pusher:pong");
            crowd.getLast().setSoTimeout(60_000);
            assertEquals(-1, crowd.getLast().getInputStream().read(), "the silent ones have an end, and then the last");
            for (Socket one : crowd) {
                one.close();
            }
            Subscriber next = new Subscriber();
            Await.until("room for the next", () -> {
                try {
                    next.connect(http.newWebSocketBuilder(), root, "shop-key").abort();
                    return true;
                } catch (CompletionException notYet) {
                    return false;
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            assertEquals(1, server.output().lines().filter(line -> line.contains("can be accepted now")).count(),
                    server::output);
            assertFalse(server.output().contains("at io.netty"), server::output);
        } finally {
            for (Socket one : crowd) {
                one.close();
            }
        }
    }

    @Test
    void descriptorsThatRanOutBeforeTheFirstSignedRequestBreakNothingThatComesLater() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient(); Program server = withOpenFiles(200)) {
            int port = server.port();
            String health = server.await(line -> line.contains("health and metrics on"))
                    .replaceAll(".*health and metrics on ", "");
            for (int i = 0; i < 300; i++) {
                crowd.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }
            HttpRequest live = HttpRequest.newBuilder(URI.create(health + "/livez")).build();
            assertEquals(200, http.send(live, HttpResponse.BodyHandlers.ofString()).statusCode());
            HttpRequest signed = HttpRequest
                    .newBuilder(
                            URI.create(
                                    "http://127.0.0.1:" + port
                                            + new ApiRequest(new Credentials("shop", "shop-key", "hunter2"), "GET",
                                                    "/apps/shop/channels").target()))
                    .build();
            assertEquals(200, http.send(signed, HttpResponse.BodyHandlers.ofString()).statusCode(), server::output);
            assertEquals(200, http.send(live, HttpResponse.BodyHandlers.ofString()).statusCode());
            HttpRequest page = HttpRequest.newBuilder(URI.create(health + "/metrics")).build();
            assertEquals(200, http.send(page, HttpResponse.BodyHandlers.ofString()).statusCode());
            assertFalse(server.output().contains("Too many open files"), server::output);
        } finally {
            for (Socket one : crowd) {
                one.close();
            }
        }
    }

    /** The limit is lowered while the server runs, so that everything that it wants to open fails. */
    @Test
    void whoWaitsWhereNothingCanBeAcceptedCostsNoProcessorTimeAndIsServedWhenThereIsRoom() throws Exception {
        try (Program server = withOpenFiles(1000)) {
            int port = server.port();
            int health = Integer.parseInt(
                    server.await(line -> line.contains("health and metrics on")).replaceAll(".*:(\\d+)\\D*$", "$1"));
            limit(server, "3");
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), health);
                    Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                for (Socket waiting : List.of(probe, client)) {
                    waiting.getOutputStream()
                            .write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                server.await(line -> line.contains("can be accepted now"));
                long before = processorMillis(server);
                Await.pass(Duration.ofSeconds(5));
                long spent = processorMillis(server) - before;
                assertTrue(spent < 1_000, "spent in 5 s: " + spent + " ms");
                limit(server, "1000");
                for (Socket waiting : List.of(probe, client)) {
                    waiting.setSoTimeout(60_000);
                    assertEquals('H', waiting.getInputStream().read(), "the beginning of an answer");
                }
            }
        }
    }

    private static void limit(Program server, String files) throws Exception {
        Process prlimit = new ProcessBuilder("prlimit", "--pid", Long.toString(server.pid()), "--nofile=" + files + ":")
                .inheritIO()
                .start();
        assertEquals(0, prlimit.waitFor());
    }

    /** What the threads that serve sockets have taken of the processor, ms. */
    private static long processorMillis(Program server) throws IOException {
        long ticks = 0;
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + server.pid() + "/task"))) {
            for (Path task : tasks) {
                String name = Files.readString(task.resolve("comm"));
                if (name.startsWith("reverb-manageme") || name.startsWith("reverb-loop")) {
                    String stat = Files.readString(task.resolve("stat"));
                    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                    ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
                }
            }
        }
        return ticks * 10; // a tick of the processor's clock, as programs see it, is 10 ms
    }

    private Program withOpenFiles(int limit) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Map<String, String> environment = oneApp();
        environment.put("REVERB_REQUEST_TIMEOUT", "1s");
        environment.put("CP", System.getProperty("java.class.path"));
        return Program.execute(folder, environment, List.of("bash", "-c", "ulimit -n " + limit + "; exec " + java
                + " -Djava.io.tmpdir=. -cp \"$CP\" dev.reverb.server.cli.Main start"));
    }
}
