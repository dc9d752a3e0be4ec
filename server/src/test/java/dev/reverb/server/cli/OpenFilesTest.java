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

    private Program withOpenFiles(int limit) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Map<String, String> environment = oneApp();
        environment.put("REVERB_REQUEST_TIMEOUT", "1s");
        environment.put("CP", System.getProperty("java.class.path"));
        return Program.execute(folder, environment, List.of("bash", "-c", "ulimit -n " + limit + "; exec " + java
                + " -Djava.io.tmpdir=. -cp \"$CP\" dev.reverb.server.cli.Main start"));
    }
}
