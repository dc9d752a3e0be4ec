package dev.reverb.e2e.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.live.Publisher.Publication;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The judge of every roll has to be seen to find each kind of fault. */
class DeliveriesTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Session session = new Session("client-7", "room");
    private final List<Publication> published = List.of(at(0, 1), at(1, 5), at(2, 8), at(3, 10));

    @Test
    void everythingDueArrivedIsNoFault() {
        subscribedAndClosed(2, 9);
        session.received(1);
        session.received(2);
        assertEquals(List.of(), faults());
        assertEquals(2, Deliveries.due(List.of(session), published, 100 * SECOND));
    }

    @Test
    void aMissedPublicationIsAFault() {
        subscribedAndClosed(2, 9);
        session.received(1);
        assertEquals(1, faults().size());
        assertTrue(faults().getFirst().startsWith("client-7 (1.2) missed 2,"), faults().toString());
    }

    @Test
    void theTailOfAnOpenConnectionIsDueToo() {
        session.established("1.2");
        session.subscribed(2 * SECOND);
        session.received(1);
        session.received(2);
        assertTrue(faults().toString().contains("missed 3"), faults().toString());
        assertEquals(List.of(), Deliveries.faults(List.of(session), published, 10 * SECOND + SECOND / 2));
    }

    @Test
    void whatWasAcknowledgedBeforeTheSubscriptionIsNotDue() {
        subscribedAndClosed(6, 7);
        assertEquals(List.of(), faults());
    }

    @Test
    void whatWasUnderWayDuringTheSubscriptionIsNotDue() {
        subscribedAndClosed(4.995, 7); // sent 5 ms before, acknowledged 5 ms after
        assertEquals(List.of(), faults());
    }

    @Test
    void whatWasAcknowledgedInTheLastSecondBeforeTheCloseIsNotDue() {
        subscribedAndClosed(6, 8.9);
        assertEquals(List.of(), faults());
        assertEquals(0, Deliveries.due(List.of(session), published, 100 * SECOND));
    }

    @Test
    void aPublicationThatArrivesTwiceIsAFault() {
        subscribedAndClosed(2, 9);
        List.of(1L, 2L, 1L).forEach(session::received);
        assertTrue(faults().toString().contains("received 1 twice"), faults().toString());
    }

    @Test
    void publicationsOutOfOrderAreAFault() {
        subscribedAndClosed(2, 9);
        List.of(2L, 1L).forEach(session::received);
        assertTrue(faults().toString().contains("received 1 after 2"), faults().toString());
    }

    @Test
    void otherChannelsAreNotDue() {
        subscribedAndClosed(2, 9);
        List.of(1L, 2L).forEach(session::received);
        Publication elsewhere = new Publication(9, "other", 4 * SECOND, 5 * SECOND);
        assertEquals(List.of(),
                Deliveries.faults(List.of(session), List.of(published.get(1), elsewhere), 100 * SECOND));
    }

    private void subscribedAndClosed(double from, double to) {
        session.established("1.2");
        session.subscribed((long) (from * SECOND));
        session.closed((long) (to * SECOND), 4200, "bye");
    }

    private List<String> faults() {
        return Deliveries.faults(List.of(session), published, 100 * SECOND);
    }

    private static Publication at(long sequence, long second) {
        return new Publication(sequence, "room", second * SECOND - SECOND / 100, second * SECOND);
    }
}
