package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.WebhookReceiver;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three servers over one Redis, of which one is killed as a process while it sends webhooks. */
@Tag("slow")
@Timeout(600)
final class KilledSenderTest {

    private static final Credentials APP = new Credentials("shop", "shop-key", "shop-secret");
    private static final int CHANNELS = 40;
    private static final Pattern MANAGEMENT = Pattern.compile("health and metrics on (http://127.0.0.1:\\d+)");
    private static final Pattern WAITING = Pattern.compile("(?m)^reverb_webhook_waiting_bytes\\{[^}]*\\} ([0-9.E]+)$");

    @TempDir
    Path folder;

    @Test
    void whatItHadUnderWayIsSentByTheOthersOnceByIdAndInOrder() throws Exception {
        List<Program> servers = new ArrayList<>();
        try (RedisProcess redis = RedisProcess.server();
                WebhookReceiver receiver = new WebhookReceiver(APP);
                HttpClient http = HttpClient.newHttpClient()) {
            Path file = Files.writeString(folder.resolve("reverb.yaml"), """
                webhooks: {allow_private: true}
                scaling: {enabled: true, lease: 3s}
                redis: {host: 127.0.0.1, port: %d}
                apps:
                  - {app_id: shop, key: shop-key, secret: shop-secret, accept_client_events_from: all,
                     webhooks: [{url: "%s", events: [client_event]}]}
                """.formatted(redis.port(), receiver.url()));
            for (int i = 0; i < 3; i++) {
                servers.add(Program.run(folder, ProgramTest.FREE_PORTS, "start", "--config", file.toString()));
            }
            try (WireClient client = WireClient.open(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), servers.getFirst().port()), APP,
                    "/app/shop-key?protocol=7", 0)) {
                client.next("pusher:connection_established");
                IntStream.range(0, CHANNELS).forEach(i -> client.subscribePrivate("private-" + i));
                Program victim = servers.getLast();
                victim.port();
                URI metrics = metrics(victim);
                Await.until("the servers know each other", () -> ask(http, metrics).contains("reverb_scaling_nodes 3"));
                send(client, 0, 5);
                awaitAll(receiver, 5);
                receiver.stalls(); // requests are under way
                send(client, 5, 10);
                Await.until(Duration.ofSeconds(60), () -> ask(http, metrics), () -> waits(ask(http, metrics)));
                victim.signal("KILL");
                assertEquals(137, victim.exit(), victim::output);
                send(client, 10, 15);
                receiver.answersAgain();
                awaitAll(receiver, 15);
                send(client, 15, 20);
                awaitAll(receiver, 20);
            }
            assertEquals(List.of(), receiver.problems());
        } finally {
            servers.forEach(Program::close);
        }
    }

    private static void send(WireClient client, int from, int to) {
        for (int n = from; n < to; n++) {
            for (int i = 0; i < CHANNELS; i++) {
                client.sendEvent("client-n", "private-" + i, "\"" + n + "\"");
            }
        }
    }

    private static void awaitAll(WebhookReceiver receiver, int count) {
        for (int i = 0; i < CHANNELS; i++) {
            String channel = "private-" + i;
            Await.until(Duration.ofMinutes(2), () -> receiver.events(channel).toString(),
                    () -> receiver.events(channel).size() >= count);
            assertEquals(IntStream.range(0, count).mapToObj(n -> "client_event " + channel + " client-n " + n).toList(),
                    receiver.events(channel));
        }
    }

    private static URI metrics(Program server) {
        Matcher management = MANAGEMENT.matcher(server.output());
        assertTrue(management.find(), server::output);
        return URI.create(management.group(1) + "/metrics");
    }

    private static boolean waits(String metrics) {
        Matcher waiting = WAITING.matcher(metrics);
        return waiting.find() && Double.parseDouble(waiting.group(1)) > 0;
    }

    private static String ask(HttpClient http, URI metrics) {
        try {
            return http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }
}
