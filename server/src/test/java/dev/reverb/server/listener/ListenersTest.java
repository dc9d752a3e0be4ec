package dev.reverb.server.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ListenersTest {

    private static ReverbEvent event(int number) {
        return new ReverbEvent.ChannelCreated("app", "channel-" + number);
    }

    @Test
    void aThrowingListenerHearsTheNextEventAndHurtsNoOther() throws InterruptedException {
        LinkedBlockingQueue<ReverbEvent> heard = new LinkedBlockingQueue<>();
        CountDownLatch thrown = new CountDownLatch(3);
        try (Listeners listeners = new Listeners(List.of(event -> {
            thrown.countDown();
            throw new IllegalStateException("broken on purpose");
        }, heard::add))) {
            for (int i = 0; i < 3; i++) {
                listeners.emit(event(i));
            }
            assertTrue(thrown.await(10, TimeUnit.SECONDS));
            for (int i = 0; i < 3; i++) {
                assertEquals(event(i), heard.poll(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void aSlowListenerLosesEventsAndDelaysNobody() throws InterruptedException {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch heard = new CountDownLatch(1);
        try (Listeners listeners = new Listeners(List.of(event -> {
            heard.countDown();
            try {
                stuck.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }))) {
            listeners.emit(event(0));
            assertTrue(heard.await(10, TimeUnit.SECONDS));
            for (int i = 0; i < 10_100; i++) {
                listeners.emit(event(i));
            }
            assertEquals(100, listeners.dropped());
            stuck.countDown();
        }
    }

    @Test
    void withNoneInstalledNothingIsMade() {
        try (Listeners listeners = new Listeners(List.of())) {
            assertFalse(listeners.any());
        }
    }

    @Test
    void theDebugStreamMasksSignaturesAndKeys() {
        String signature = "a".repeat(64);
        String masked = DebugStream.mask("{\"event\":\"pusher:subscribe\",\"data\":{\"auth\":\"key:" + signature
                + "\",\"shared_secret\":\"c2VjcmV0\"}}");
        assertEquals("{\"event\":\"pusher:subscribe\",\"data\":{\"auth\":\"key:***\",\"shared_secret\":\"***\"}}",
                masked);
        assertFalse(
                DebugStream.mask("{\"data\":\"{\\\"auth\\\":\\\"key:" + signature + "\\\"}\"}").contains(signature));
    }
}
