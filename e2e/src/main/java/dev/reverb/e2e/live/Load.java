package dev.reverb.e2e.live;

import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Live clients and a steady publisher through one Service, while a test does something to what is behind it. */
public final class Load implements AutoCloseable {
    private static final Duration ARRIVAL = Duration.ofSeconds(60);
    /** Longer than a delivery may take, so that the tail of every open connection is judged too. */
    private static final Duration TAIL = Duration.ofSeconds(3);

    private final Fleet fleet;
    private final Publisher publisher;

    private Load(Fleet fleet, Publisher publisher) {
        this.fleet = fleet;
        this.publisher = publisher;
    }

    /**
     * Connects the clients, waits until all are subscribed and begins to publish.
     *
     * @param channels over which the clients are spread and to which is published in turn
     */
    public static Load start(Application application, int clients, int channels, int publishesPerSecond) {
        return start(application, application, clients, channels, publishesPerSecond);
    }

    /** The same with a publisher that reaches the application elsewhere than the clients do. */
    public static Load start(Application application, Application published, int clients, int channels,
            int publishesPerSecond) {
        List<String> names = IntStream.range(0, channels).mapToObj(i -> "e2e-" + i).toList();
        Fleet fleet = Fleet.connect(application, clients, names);
        try {
            Await.until(clients + " clients to be subscribed", ARRIVAL, () -> fleet.subscribed() == clients,
                    () -> fleet.subscribed() + " are");
        } catch (AssertionError e) {
            fleet.close();
            throw e;
        }
        return new Load(fleet, Publisher.start(published, names, publishesPerSecond));
    }

    public Fleet fleet() {
        return fleet;
    }

    public Publisher publisher() {
        return publisher;
    }

    /** Waits for everybody to be back, lets the tails arrive, stops and judges. */
    public Verdict finish() {
        int clients = fleet.clients().size();
        try {
            Await.until("all clients to be subscribed again", ARRIVAL, () -> fleet.subscribed() == clients,
                    () -> fleet.subscribed() + " are");
        } catch (AssertionError e) {
            // the verdict says it, together with everything else
        }
        Await.pass(TAIL);
        int subscribed = fleet.subscribed();
        publisher.close();
        long until = System.nanoTime();
        Await.pass(TAIL);
        return Verdict.of(fleet, publisher, clients - subscribed, until);
    }

    @Override
    public void close() {
        publisher.close();
        fleet.close();
    }
}
