package dev.reverb.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.ClusterQueries.CachedEvent;
import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@link Cluster} promises to a node, be there others or not. */
public abstract class NodeContract {

    protected static final Duration SOON = Duration.ofSeconds(15);

    private static final AtomicInteger NAMES = new AtomicInteger();

    /**
     * One server's side of a cluster in a test.
     *
     * @param book what the server itself would know
     */
    protected record Node(Cluster cluster, RecordingEvents events, LocalBook book) {}

    private final List<Node> nodes = new ArrayList<>();

    /** Starts one more node. */
    protected abstract Cluster start(ClusterEvents events, LocalState local) throws Exception;

    protected final Node node() throws Exception {
        RecordingEvents events = new RecordingEvents();
        LocalBook book = new LocalBook();
        Node node = new Node(start(events, book), events, book);
        nodes.add(node);
        return node;
    }

    /** A channel that no other test uses. */
    protected static ChannelId channel(String prefix) {
        return new ChannelId("app", prefix + NAMES.incrementAndGet());
    }

    protected static void attach(Node node, ChannelId channel) {
        int before = node.events.attached(channel).size();
        node.cluster.broker().attach(channel);
        Await.until(SOON, () -> "not attached", () -> node.events.attached(channel).size() > before);
    }

    protected static void publish(Node node, ChannelId channel, String message) {
        publish(node, Publication.of(channel, message.getBytes(UTF_8)));
    }

    protected static void publish(Node node, Publication publication) {
        AtomicInteger acknowledged = new AtomicInteger();
        assertTrue(node.cluster.broker().publish(List.of(publication), acknowledged::incrementAndGet));
        Await.until(SOON, () -> "not acknowledged", () -> acknowledged.get() == 1);
    }

    protected static Member member(Node node, String user) {
        return new Member(node.cluster.node(), user, ("{\"user_id\":\"" + user + "\"}").getBytes(UTF_8));
    }

    protected static <T extends @Nullable Object> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    protected static ChannelCounts counts(Node node, ChannelId channel) {
        return now(node.cluster.queries().channel(channel));
    }

    protected static int connections(Node node, String app) {
        return now(node.cluster.queries().connections(app));
    }

    protected static Map<String, ChannelCounts> list(Node node, String prefix) {
        return now(node.cluster.queries().channels("app", prefix));
    }

    protected static <T extends @Nullable Object> T now(CompletionStage<T> stage) {
        try {
            return get(stage);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** {@code 0, 1, …, n-1}. */
    protected static List<String> numbers(int n) {
        return IntStream.range(0, n).mapToObj(String::valueOf).toList();
    }

    @Test
    void theTotalIsReportedForAnnouncedCountsOnly() throws Exception {
        Node node = node();
        ChannelId announced = channel("counted-");
        ChannelId silent = channel("counted-");
        attach(node, announced);
        attach(node, silent);
        for (int n : new int[]{1, 5, 2}) {
            node.cluster.state().count(silent, n, false);
            node.cluster.state().count(announced, n, true);
            Await.until(SOON, () -> node.events.totals(announced).toString(),
                    () -> !node.events.totals(announced).isEmpty() && node.events.totals(announced).getLast() == n);
        }
        assertEquals(List.of(), node.events.totals(silent));
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(node -> node.cluster.close());
    }

    @Test
    void anAttachIsAnsweredOnceWithNothingWhereThereIsNothing() throws Exception {
        Node node = node();
        for (ChannelId channel : List.of(channel("plain-"), channel("presence-"), channel("cache-"))) {
            attach(node, channel);
            publish(node, channel, "later");
            assertEquals(List.of(ChannelState.EMPTY), node.events.attached(channel));
        }
    }

    @Test
    void aNodeIsNotHandedItsOwnPublications() throws Exception {
        Node node = node();
        ChannelId channel = channel("own-");
        attach(node, channel);
        for (int i = 0; i < 100; i++) {
            publish(node, channel, "" + i);
        }
        assertEquals(0, node.events.count(channel));
    }

    @Test
    void anEmptyBatchIsAcknowledgedToo() throws Exception {
        AtomicInteger acknowledged = new AtomicInteger();
        assertTrue(node().cluster.broker().publish(List.of(), acknowledged::incrementAndGet));
        Await.until(SOON, () -> "not acknowledged", () -> acknowledged.get() == 1);
    }

    @Test
    void theLastCachedEventIsKeptWhileNobodyIsSubscribedUntilItExpires() throws Exception {
        Node node = node();
        ChannelId channel = channel("cache-");
        publish(node, new Publication(channel, "first".getBytes(UTF_8), 0, 60_000));
        publish(node, new Publication(channel, "second".getBytes(UTF_8), 0, 60_000));
        publish(node, channel, "not cached");
        CachedEvent event = get(node.cluster.queries().cached(channel));
        assertNotNull(event);
        assertArrayEquals("second".getBytes(UTF_8), event.message());
        assertTrue(event.ttlMillis() > 30_000 && event.ttlMillis() <= 60_000, event.ttlMillis() + " ms");
        attach(node, channel);
        ChannelState state = node.events.attached(channel).getFirst();
        assertArrayEquals("second".getBytes(UTF_8), state.cached());
        assertTrue(state.cachedUntilMillis() > System.currentTimeMillis() + 30_000);

        publish(node, new Publication(channel, "short".getBytes(UTF_8), 0, 300));
        Await.until(SOON, () -> "still there", () -> now(node.cluster.queries().cached(channel)) == null);
        assertNull(get(node.cluster.queries().cached(channel("cache-"))));
    }

    @Test
    void whatTheNodeHasIsCountedAndListed() throws Exception {
        Node node = node();
        ChannelId plain = channel("book-");
        ChannelId room = channel("presence-book-");
        for (ChannelId channel : List.of(plain, room)) {
            node.book.count(channel, 2);
            node.cluster.state().count(channel, 2);
        }
        node.book.join(room, "7");
        node.cluster.state().join(room, member(node, "7"));
        Await.until(SOON, () -> counts(node, room).toString(),
                () -> counts(node, room).equals(new ChannelCounts(2, 1)) && counts(node, plain).subscriptions() == 2);
        assertEquals(Set.of("7"), get(node.cluster.queries().users(room)));
        assertEquals(Map.of(plain.name(), new ChannelCounts(2, 0)), list(node, plain.name()));
        assertEquals(Map.of(), get(node.cluster.queries().channels("another", "")));
        assertEquals(ChannelCounts.NONE, counts(node, channel("book-")));
        node.book.count(plain, 0);
        node.cluster.state().count(plain, 0);
        Await.until(SOON, () -> list(node, plain.name()).toString(), () -> list(node, plain.name()).isEmpty());
    }

    @Test
    void connectionsOfOneNodeAreAdmittedUpToTheLimit() throws Exception {
        Node node = node();
        String app = channel("quota-").name();
        AtomicInteger admitted = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        for (int i = 0; i < 8; i++) {
            node.cluster.state().connect(app, 5, yes -> (yes ? admitted : refused).incrementAndGet());
        }
        Await.until(SOON, () -> admitted + ", " + refused, () -> admitted.get() == 5 && refused.get() == 3);
        node.cluster.state().disconnect(app);
        node.cluster.state().connect(app, 5, yes -> (yes ? admitted : refused).incrementAndGet());
        Await.until(SOON, () -> admitted + ", " + refused, () -> admitted.get() == 6);
        node.cluster.state().connect(app, 0, yes -> (yes ? admitted : refused).incrementAndGet());
        assertEquals(7, admitted.get(), "without a limit it is admitted at once");
        node.book.connections(6);
        Await.until(SOON, () -> "" + connections(node, app), () -> connections(node, app) == 6);
    }

    @Test
    void aLinkThatWorksIsUp() throws Exception {
        Node node = node();
        assertTrue(node.cluster.linkUp());
        assertEquals(16, node.cluster.node().length());
        node.cluster.meters().ifPresent(meters -> assertEquals(0, meters.outages()));
    }
}
