package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.lifecycle.DrainReport;
import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What clients and back ends see of a server that stops gracefully. */
@WireTest
class DrainTest {

    private static List<WireClient> connect(TestServer server, int count) {
        return IntStream.range(0, count).mapToObj(_ -> server.connect()).toList();
    }

    /** Seconds from {@code start} to each client's close, in the order of the clients; all have to be {@code code}. */
    private static List<Double> closes(List<WireClient> clients, long start, int code) {
        return clients.stream().map(client -> (client.awaitClose(code).nanos() - start) / 1e9).toList();
    }

    private static void await(CompletableFuture<?> drain) throws Exception {
        drain.get(HttpSocket.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aServerThatIsAloneClosesAllTogetherWithACodeThatLeavesItsSuccessorASecond(TestServer server) throws Exception {
        List<WireClient> clients = connect(server, 30);
        clients.get(0).subscribe("news");
        long start = System.nanoTime();
        CompletableFuture<?> drain = server.drain();
        List<Double> closes = closes(clients, start, 4100);
        assertTrue(closes.stream().allMatch(seconds -> seconds < 10), closes.toString());
        await(drain);
    }

    @Test
    void aServerWithADurationClosesPacedOverIt() throws Exception {
        // who is held up by a busy machine has to hurry at the end
        Attempts.three((server, _) -> closesPaced(server));
    }

    private static void closesPaced(TestServer server) throws Exception {
        server.env("REVERB_DRAIN_DURATION", "6s").env("REVERB_DRAIN_CLOSES_PER_SECOND", "5");
        List<WireClient> clients = connect(server, 60);
        long start = System.nanoTime();
        CompletableFuture<?> drain = server.drain();
        List<Double> closes = closes(clients, start, 4100);
        await(drain);
        List<Double> sorted = closes.stream().sorted().toList();
        assertTrue(sorted.getLast() > 4.5 && sorted.getLast() < 12, "the last close after " + sorted.getLast() + " s");
        assertTrue(sorted.getFirst() < 3, "the first close after " + sorted.getFirst() + " s");
        // ten a second, and twice as many for a machine that holds the clients up
        for (double begin : sorted) {
            long within = sorted.stream().filter(seconds -> seconds >= begin && seconds < begin + 1.5).count();
            assertTrue(within <= 30, within + " of 60 closes within one and a half seconds: " + sorted);
        }
    }

    @Test
    void fewConnectionsEndInAMoment() throws Exception {
        Attempts.three((server, _) -> endsInAMoment(server));
    }

    private static void endsInAMoment(TestServer server) throws Exception {
        server.env("REVERB_DRAIN_DURATION", "30s").env("REVERB_DRAIN_CLOSES_PER_SECOND", "20");
        List<WireClient> clients = connect(server, 10);
        long start = System.nanoTime();
        CompletableFuture<?> drain = server.drain();
        List<Double> closes = closes(clients, start, 4100).stream().sorted().toList();
        await(drain);
        assertTrue(closes.getLast() < 20, closes.toString());
        assertTrue(closes.getLast() - closes.getFirst() > 0.2, "20 a second, not all at once: " + closes);
        assertTrue((System.nanoTime() - start) / 1e9 < 25, "it does not wait for the rest of the duration");
    }

    @Test
    void theOrderIsRandom(TestServer server) {
        server.env("REVERB_DRAIN_DURATION", "1s").env("REVERB_DRAIN_CLOSES_PER_SECOND", "1");
        List<WireClient> clients = connect(server, 30);
        List<Double> closes = closes(clients, sometime(server), 4100);
        List<Integer> order = IntStream.range(0, 30).boxed().sorted(Comparator.comparing(closes::get)).toList();
        List<Integer> ascending = IntStream.range(0, 30).boxed().toList();
        assertNotEquals(ascending, order);
        assertNotEquals(ascending.reversed(), order);
        // neither by halves: of the fifteen that came first some are closed early and some late
        long early = order.subList(0, 15).stream().filter(client -> client < 15).count();
        assertTrue(early > 1 && early < 14, order.toString());
    }

    private static long sometime(TestServer server) {
        long start = System.nanoTime();
        CompletableFuture<?> drain = server.drain();
        assertFalse(drain.isCompletedExceptionally());
        return start;
    }

    /** A server in the middle of a drain of some seconds, with connections left. */
    private static List<WireClient> draining(TestServer server) {
        List<WireClient> clients = drainingSoon(server);
        sometime(server);
        return clients;
    }

    private static List<WireClient> drainingSoon(TestServer server) {
        server.env("REVERB_DRAIN_DURATION", "20s").env("REVERB_DRAIN_CLOSES_PER_SECOND", "1");
        List<WireClient> clients = connect(server, 20);
        clients.forEach(client -> client.subscribe("news"));
        return clients;
    }

    @Test
    void theApiIsServedMeanwhileWithConnectionClose(TestServer server) {
        List<WireClient> clients = draining(server);
        HttpReply reply = server.api().post("/events", ApiClient.event("late", "1", "news"));
        assertEquals(200, reply.status(), reply.toString());
        assertEquals("close", reply.header("Connection").orElse(""));
        // some are closed by now, one or the other at this moment
        assertTrue(
                clients.stream().anyMatch(client -> !client.closesOrAnswers() && client.next().event().equals("late")));
    }

    @Test
    void aKeptConnectionIsServedAndThenClosed(TestServer server) {
        server.env("REVERB_DRAIN_DURATION", "4s").env("REVERB_DRAIN_CLOSES_PER_SECOND", "1");
        List<WireClient> clients = connect(server, 4);
        HttpSocket kept = server.socket();
        assertEquals(200, kept.write("GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n").read().status());
        sometime(server);
        HttpReply reply = kept.write(server.api().request("GET", "/channels").bytes()).read();
        assertEquals(200, reply.status());
        assertEquals("close", reply.header("Connection").orElse(""));
        assertTrue(kept.endsWithin(HttpSocket.PATIENCE));
        assertEquals(4, closes(clients, 0, 4100).size());
    }

    @Test
    void whoComesBackBeforeTheEndIsHeldSoThatItNeitherTriesEverySecondNorMeetsAClosedPort(TestServer server)
            throws Exception {
        List<WireClient> clients = draining(server);
        WireClient unknown = server.open("/app/nobody?protocol=7");
        assertEquals(101, unknown.handshake().status());
        unknown.awaitClose(4001);
        WireClient back = server.open("/app/app-key?protocol=7");
        assertEquals(101, back.handshake().status());
        assertTrue(clients.stream().anyMatch(WireClient::isOpen), "while others are still served");
        assertTrue(back.isOpen(), "neither greeted nor closed");
        server.stop();
        back.awaitEnd();
    }

    @Test
    void itIsAliveButNotReady(TestServer server) {
        List<WireClient> clients = drainingSoon(server);
        assertEquals(200, server.management("/readyz").status());
        assertEquals(200, server.management("/livez").status());
        sometime(server);
        Await.until("the server not to be ready", () -> server.management("/readyz").status() == 503);
        assertEquals(200, server.management("/livez").status());
        assertTrue(clients.stream().anyMatch(WireClient::isOpen));
    }

    @Test
    void metricsTellItsProgress(TestServer server) {
        List<WireClient> clients = drainingSoon(server);
        assertEquals(0, server.metric("reverb_drain_active", ""));
        sometime(server);
        Await.until("the drain to be seen", () -> server.metric("reverb_drain_active", "") == 1);
        Await.until("some to be closed", () -> {
            double remaining = server.metric("reverb_drain_remaining", "");
            return remaining > 0 && remaining < 20;
        });
        assertTrue(clients.stream().anyMatch(WireClient::isOpen));
    }

    @Test
    void whoDoesNotAnswerTheCloseHoldsNothingUp(TestServer server) throws Exception {
        server.env("REVERB_DRAIN_DURATION", "1s");
        List<WireClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(server.connect().withoutCloseAnswer());
        }
        WireClient asleep = server.connectWithSmallBuffer();
        asleep.pauseReading();
        long start = System.nanoTime();
        await(server.drain());
        assertTrue((System.nanoTime() - start) / 1e9 < 20);
        closes(clients, start, 4100);
    }

    @Test
    void whoIsClosedHasReceivedWhatWasPublishedBefore(TestServer server) throws Exception {
        List<WireClient> clients = connect(server, 10);
        clients.forEach(client -> client.subscribe("news"));
        for (int i = 0; i < 50; i++) {
            server.api().publish("e" + i, "1", "news");
        }
        CompletableFuture<?> drain = server.drain();
        for (WireClient client : clients) {
            client.awaitClose(4100);
            for (int i = 0; i < 50; i++) {
                client.next("e" + i);
            }
        }
        await(drain);
    }

    @Test
    void aServerWithoutConnectionsIsDoneAtOnce(TestServer server) throws Exception {
        server.env("REVERB_DRAIN_DURATION", "30s");
        assertEquals(200, server.management("/readyz").status());
        long start = System.nanoTime();
        await(server.drain());
        assertTrue((System.nanoTime() - start) / 1e9 < 20);
    }

    @Test
    void aServerThatIsClosedInTheMiddleOfItsDrainSaysHowManyWereCut(TestServer server) throws Exception {
        server.env("REVERB_DRAIN_DURATION", "60s").env("REVERB_DRAIN_CLOSES_PER_SECOND", "1");
        List<WireClient> clients = connect(server, 10);
        clients.getLast().subscribe("news"); // its handshake is over: otherwise that would close it, not the drain
        CompletableFuture<DrainReport> drain = server.drain();
        Await.until("the first to be closed", () -> clients.stream().anyMatch(client -> !client.isOpen()));
        server.stop();
        DrainReport report = drain.get(HttpSocket.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertEquals(10, report.drained());
        assertTrue(report.cut() > 0 && report.cut() < 10, report.toString());
        clients.forEach(WireClient::awaitEnd);
    }

    @Test
    void aBackEndWhoseConnectionIsKeptIsToldToGoElsewhereBeforeTheEndThoughThereAreNoClients(TestServer server)
            throws Exception {
        server.env("REVERB_DRAIN_DURATION", "30s");
        byte[] request = server.api().request("POST", "/events").body(ApiClient.event("x", "{}", "news")).bytes();
        try (HttpSocket kept = server.api().open()) {
            assertEquals(200, kept.write(request).read().status());
            CompletableFuture<DrainReport> drain = server.drain();
            assertThrows(TimeoutException.class, () -> drain.get(50, TimeUnit.MILLISECONDS));
            HttpReply last = kept.write(request).read();
            assertEquals(200, last.status());
            assertEquals("close", last.header("connection").orElse(""));
            await(drain);
        }
    }
}
