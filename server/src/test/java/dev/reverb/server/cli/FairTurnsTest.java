package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many peers whose input waits at one event loop, and one more behind them: how much of theirs is served before it, by
 * the order of what the loop did, on a machine of any speed. The server is stopped while all of them write.
 */
final class FairTurnsTest {

    private static final Credentials SHOP = new Credentials("shop", "shop-key", "hunter2");
    private static final int PEERS = 20;
    /** What waits of each: a part of what the system's buffers hold. */
    private static final int EACH = 60;

    @TempDir
    Path folder;

    @Test
    void pipelinedRequestsOfOneApplicationHoldUpNobody() throws Exception {
        try (Program server = start()) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            WireClient subscriber = join(address);
            List<HttpSocket> flood = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                flood.add(HttpSocket.connect(address));
            }
            for (HttpSocket one : flood) { // until it reads as much at once as it will
                for (int i = 0; i < 3; i++) {
                    publish(one, "warm", EACH);
                }
            }
            HttpSocket other = HttpSocket.connect(address);
            publish(other, "warm", 1);
            for (int i = 0; i < 1 + PEERS * 3 * EACH; i++) {
                subscriber.next("n");
            }
            stop(server);
            for (HttpSocket one : flood) {
                one.write(requests("flood", EACH));
            }
            other.write(requests("other", 1));
            server.signal("CONT");
            int before = 0;
            while (subscriber.next("n").data().equals("flood")) {
                before++;
            }
            // one of each and what a turn has beyond, twice: the first turn may have begun without the other
            assertTrue(before <= 2 * (PEERS + 64), "served before the other: " + before + " of " + PEERS * EACH);
            for (HttpSocket one : flood) {
                for (int i = 0; i < EACH; i++) {
                    assertEquals(200, one.read().status());
                }
                one.close();
            }
            assertEquals(200, other.read().status());
            other.close();
            subscriber.close();
        }
    }

    @Test
    void messagesOfOneConnectionHoldUpNobody() throws Exception {
        try (Program server = start()) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            WireClient subscriber = join(address);
            WireClient flood = join(address);
            WireClient other = join(address);
            ByteArrayOutputStream events = new ByteArrayOutputStream();
            for (int i = 0; i < 3_000; i++) {
                events.writeBytes(event("flood"));
            }
            flood.sendBytes(events.toByteArray()); // until it reads as much at once as it will
            for (int i = 0; i < 3_000; i++) {
                subscriber.next("client-n");
            }
            stop(server);
            flood.sendBytes(events.toByteArray());
            other.sendBytes(event("other"));
            server.signal("CONT");
            int before = 0;
            while (subscriber.next("client-n").text().contains("flood")) {
                before++;
            }
            int turn = 64 * 1024 / event("flood").length;
            assertTrue(before <= 2 * turn, "served before the other: " + before + ", in a turn " + turn);
            for (WireClient client : List.of(subscriber, flood, other)) {
                client.close();
            }
        }
    }

    private static byte[] event(String data) {
        return Frame.text("{\"event\":\"client-n\",\"channel\":\"news\",\"data\":\"" + data + "\"}").encode();
    }

    private Program start() throws IOException {
        Map<String, String> environment = ProgramTest.oneApp();
        environment.put("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "all");
        environment.put("REVERB_EVENT_LOOPS", "1");
        return Program.run(folder, environment, "start");
    }

    private static WireClient join(InetSocketAddress address) {
        WireClient client = WireClient.open(address, SHOP, "/app/shop-key?protocol=7", 0);
        client.next("pusher:connection_established");
        client.subscribe("news");
        return client;
    }

    /** Stops the process, and waits until none of its threads runs. */
    private static void stop(Program server) throws Exception {
        server.signal("STOP");
        Await.until("the process to stop", () -> {
            try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + server.pid() + "/task"))) {
                for (Path task : tasks) {
                    String stat = Files.readString(task.resolve("stat"));
                    if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                        return false;
                    }
                }
                return true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static byte[] requests(String data, int number) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] event = ApiClient.event("n", data, "news").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < number; i++) {
            all.writeBytes(new ApiRequest(SHOP, "POST", "/apps/shop/events").body(event).bytes());
        }
        return all.toByteArray();
    }

    private static void publish(HttpSocket socket, String data, int number) {
        socket.write(requests(data, number));
        for (int i = 0; i < number; i++) {
            assertEquals(200, socket.read().status());
        }
    }
}
