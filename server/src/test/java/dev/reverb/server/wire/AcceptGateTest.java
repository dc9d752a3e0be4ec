package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Sockets that come and go while there are as many as there may be. */
@WireTest
class AcceptGateTest {

    /** As many WebSockets as may be, and those that may be refused besides. */
    private static final int MOST = 8 + 32;
    private static final int CLIENTS = 150;

    @Test
    void socketsThatComeAndGoAtTheBoundAreNeverMoreThanItAndWhoComesAfterIsServed(TestServer server) throws Exception {
        server.sockets(MOST - 32).env("REVERB_EVENT_LOOPS", "4");
        assertEquals(200, server.api().get("/channels").status());
        AtomicBoolean on = new AtomicBoolean(true);
        double most = 0;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS; i++) {
                var _ = clients.submit(() -> {
                    while (on.get()) {
                        try (Socket socket = new Socket()) {
                            socket.connect(server.address(), 1_000);
                            socket.setSoLinger(true, 0);
                        } catch (IOException e) {
                            // the queue is full: once more
                        }
                    }
                });
            }
            long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            while (System.nanoTime() - end < 0) {
                most = Math.max(most, server.metric("reverb_sockets", ""));
            }
            on.set(false);
        }
        server.connect().subscribe("news");
        assertTrue(most <= MOST, "open at one time: " + most);
    }
}
