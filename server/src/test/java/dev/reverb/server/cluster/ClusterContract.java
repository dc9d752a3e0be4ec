package dev.reverb.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.SharedState.Admission;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.testkit.Await;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What {@link Cluster} promises to many nodes, whatever is behind it. */
public abstract class ClusterContract extends NodeContract {

    /** Starts one more node of the same cluster. */
    protected abstract Cluster start(ClusterEvents events, Balance balance) throws Exception;

    private final Map<ClusterEvents, Scales> scales = new HashMap<>();

    @Override
    protected final Cluster start(ClusterEvents events, LocalState local) throws Exception {
        return start(events, scales.computeIfAbsent(events, _ -> new Scales()));
    }

    private Scales scales(Node node) {
        return requireNonNull(scales.get(node.events()));
    }

    @Test
    void everyNodeHearsTheConnectionsOfAllThatTakeSome() throws Exception {
        Node a = node();
        Node b = node();
        Node c = node();
        scales(a).has(40);
        scales(b).has(10);
        scales(c).takesNone();
        for (Node node : List.of(a, b, c)) {
            scales(node).awaitLoad(2, 50, 10);
        }
        scales(c).has(0);
        scales(a).awaitLoad(3, 50, 0);
        scales(c).has(2_000_000);
        scales(b).awaitLoad(3, 2_000_050, 10);
        b.cluster().close();
        scales(a).awaitLoad(2, 2_000_040, 40);
        scales(c).awaitLoad(2, 2_000_040, 40);
        scales(c).takesNone();
        scales(a).awaitLoad(1, 40, 40);
    }

    @Test
    void aPublicationReachesEveryOtherAttachedNodeOnceAndInOrderAndNotItsOwn() throws Exception {
        Node a = node();
        Node b = node();
        Node c = node();
        ChannelId channel = channel("news-");
        attach(a, channel);
        attach(b, channel);
        attach(c, channel);
        for (int i = 0; i < 500; i++) {
            assertTrue(a.cluster()
                    .broker()
                    .publish(List.of(Publication.of(channel, String.valueOf(i).getBytes(UTF_8))), () -> {}));
        }
        publish(b, channel, "end");
        Await.until(SOON, () -> b.events().count(channel) + "", () -> b.events().count(channel) == 500);
        Await.until(SOON, () -> c.events().count(channel) + "", () -> c.events().count(channel) == 501);
        Await.until(SOON, () -> a.events().count(channel) + "", () -> a.events().count(channel) == 1);
        assertEquals(numbers(500), b.events().messages(channel));
        assertEquals(numbers(500), c.events().messages(channel).stream().filter(m -> !m.equals("end")).toList());
        assertEquals(List.of("end"), a.events().messages(channel));
    }

    @Test
    void ofUsersThatAskAtOnceAtManyNodesAsManyAreAdmittedAsThereMayBe() throws Exception {
        List<Node> nodes = List.of(node(), node(), node());
        int rounds = 0;
        for (int tries = 0; rounds < 30 && tries < 300; tries++) {
            ChannelId channel = channel("presence-");
            Map<String, Admission> answers = new ConcurrentHashMap<>();
            for (int i = 0; i < 9; i++) {
                String user = "u" + i;
                Node node = nodes.get(i % nodes.size());
                node.cluster().state().admit(channel, member(node, user), 4, answer -> {
                    answers.put(user, answer);
                    return true;
                });
            }
            Await.until(SOON, answers::toString, () -> answers.size() == 9);
            if (answers.containsValue(Admission.UNKNOWN)) { // a busy machine took a node's link away
                Await.until(SOON, () -> "no link", () -> nodes.stream().allMatch(node -> node.cluster().linkUp()));
                continue;
            }
            rounds++;
            Set<String> admitted = new TreeSet<>(answers.keySet());
            admitted.removeIf(user -> answers.get(user) != Admission.ADMITTED);
            assertEquals(4, admitted.size(), answers.toString());
            for (Node node : nodes) {
                Await.until(SOON, () -> "not " + admitted,
                        () -> node.cluster().queries().users(channel).toCompletableFuture().join().equals(admitted));
            }
        }
        assertEquals(30, rounds);
    }

    @Test
    void whoIsAdmittedAndWantedNoMoreMakesRoom() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = channel("presence-");
        List<Admission> answers = new CopyOnWriteArrayList<>();
        a.cluster().state().admit(channel, member(a, "1"), 1, answer -> {
            answers.add(answer);
            return false;
        });
        Await.until(SOON, answers::toString, () -> answers.equals(List.of(Admission.ADMITTED)));
        Await.until(SOON, answers::toString, () -> {
            AtomicInteger answered = new AtomicInteger();
            b.cluster().state().admit(channel, member(b, "2"), 1, answer -> {
                answered.set(answer == Admission.ADMITTED ? 1 : 2);
                return true;
            });
            Await.until(SOON, () -> "no answer", () -> answered.get() > 0);
            return answered.get() == 1;
        });
    }

    @Test
    void aUserWhoIsAMemberNeedsNoRoom() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = channel("presence-");
        List<Admission> answers = new CopyOnWriteArrayList<>();
        a.cluster().state().join(channel, member(a, "1"));
        Await.until(SOON, () -> "not a member",
                () -> b.cluster().queries().users(channel).toCompletableFuture().join().equals(Set.of("1")));
        b.cluster().state().admit(channel, member(b, "2"), 1, answers::add);
        b.cluster().state().admit(channel, member(b, "1"), 1, answers::add);
        Await.until(SOON, answers::toString, () -> answers.size() == 2);
        assertEquals(List.of(Admission.REFUSED, Admission.ADMITTED), answers);
    }

    @Test
    void exclusionLifeInTheCacheAndEveryByteOfTheMessageArrive() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = channel("cache-");
        attach(b, channel);
        String message = "{\"event\":\"e\",\"data\":\"\u00e4\u20ac\\u0000\"}";
        assertTrue(a.cluster()
                .broker()
                .publish(List.of(new Publication(channel, message.getBytes(UTF_8), -77L << 33, 60_000)), () -> {}));
        Await.until(SOON, () -> "nothing", () -> b.events().count(channel) == 1);
        Publication arrived = b.events().publications(channel).getFirst();
        assertEquals(message, new String(arrived.message(), UTF_8));
        assertEquals(-77L << 33, arrived.exclude());
        assertEquals(60_000, arrived.cacheMillis());
    }

    @Test
    void nothingArrivesForAChannelThatIsNotOrNoLongerAttached() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = channel("quiet-");
        ChannelId other = channel("quiet-");
        attach(b, channel);
        attach(b, other);
        publish(a, channel, "1");
        Await.until(SOON, () -> "nothing", () -> b.events().count(channel) == 1);
        b.cluster().broker().detach(channel);
        attach(b, channel("quiet-"));
        publish(a, channel, "2");
        publish(a, other, "end");
        Await.until(SOON, () -> "nothing", () -> b.events().count(other) == 1);
        attach(b, channel);
        publish(a, channel, "3");
        Await.until(SOON, () -> "nothing", () -> b.events().count(channel) == 2);
        assertEquals(List.of("1", "3"), b.events().messages(channel));
    }

    @Test
    void aBatchIsAcknowledgedOnceWhenAllOfItIsSafe() throws Exception {
        Node a = node();
        Node b = node();
        List<ChannelId> channels = IntStream.range(0, 50).mapToObj(i -> channel("batch-")).toList();
        channels.forEach(channel -> attach(b, channel));
        AtomicInteger acknowledged = new AtomicInteger();
        assertTrue(a.cluster()
                .broker()
                .publish(channels.stream().map(c -> Publication.of(c, "x".getBytes(UTF_8))).toList(),
                        acknowledged::incrementAndGet));
        Await.until(SOON, () -> "not acknowledged", () -> acknowledged.get() > 0);
        channels.forEach(c -> Await.until(SOON, () -> "nothing", () -> b.events().count(c) == 1));
        assertEquals(1, acknowledged.get());
    }

    @Test
    void anAttachTellsMembersOfOtherNodesAndTheCachedEvent() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = channel("presence-cache-");
        attach(a, channel);
        a.cluster().state().join(channel, member(a, "1"));
        b.cluster().state().join(channel, member(b, "2"));
        assertTrue(a.cluster()
                .broker()
                .publish(List.of(new Publication(channel, "last".getBytes(UTF_8), 0, 60_000)), () -> {}));
        Await.until(SOON, () -> a.events().members(channel).toString(),
                () -> a.events().members(channel).equals(Set.of("2")));
        Await.until(SOON, () -> "not cached", () -> {
            try {
                return get(b.cluster().queries().cached(channel)) != null;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        attach(b, channel);
        ChannelState state = b.events().attached(channel).getFirst();
        assertEquals(List.of("1"), state.members().stream().map(Member::userId).toList());
        assertEquals("{\"user_id\":\"1\"}", new String(state.members().getFirst().channelData(), UTF_8));
        byte[] cached = state.cached();
        assertNotNull(cached);
        assertEquals("last", new String(cached, UTF_8));
        assertTrue(state.cachedUntilMillis() > System.currentTimeMillis() + 30_000);
        ClusterQueries.CachedEvent event = get(a.cluster().queries().cached(channel));
        assertNotNull(event);
        assertTrue(event.ttlMillis() > 30_000 && event.ttlMillis() <= 60_000);
        assertNull(get(a.cluster().queries().cached(channel("cache-none-"))));
    }

    @Test
    void cachedEventsOfSeveralNodesFollowOneAnotherInOneOrderOnAllOfThem() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = channel("cache-");
        attach(a, channel);
        attach(b, channel);
        int each = 200;
        for (int i = 0; i < each; i++) {
            for (Node node : List.of(a, b)) {
                byte[] message = (node.cluster().node() + i).getBytes(UTF_8);
                assertTrue(node.cluster()
                        .broker()
                        .publish(List.of(new Publication(channel, message, 0, 60_000)), () -> {}));
            }
        }
        for (Node node : List.of(a, b)) {
            Await.until(SOON, () -> node.events().caches(channel).size() + "",
                    () -> node.events().caches(channel).size() == 2 * each);
            assertEquals(each, node.events().count(channel), "a node is not handed its own");
        }
        assertEquals(a.events().caches(channel), b.events().caches(channel));
        Node c = node();
        attach(c, channel);
        byte[] cached = c.events().attached(channel).getFirst().cached();
        assertNotNull(cached);
        assertEquals(a.events().caches(channel).getLast(), new String(cached, UTF_8));
    }

    @Test
    void membersJoinAndLeaveOnceOverAllNodesWhileANodeAttachesInTheMiddle() throws Exception {
        Node a = node();
        Node b = node();
        Node c = node();
        ChannelId channel = channel("presence-");
        attach(b, channel);
        for (int i = 0; i < 300; i++) {
            a.cluster().state().join(channel, member(a, "u" + i));
            if (i == 150) {
                c.cluster().broker().attach(channel);
            }
            if (i % 3 == 0) {
                a.cluster().state().leave(channel, "u" + i);
            }
        }
        Set<String> truth = new TreeSet<>();
        IntStream.range(0, 300).filter(i -> i % 3 != 0).forEach(i -> truth.add("u" + i));
        Await.until(SOON, () -> b.events().members(channel).toString(),
                () -> b.events().members(channel).equals(truth));
        Await.until(SOON, () -> c.events().members(channel).toString(),
                () -> c.events().members(channel).equals(truth));
        for (Node node : List.of(b, c)) {
            List<String> changes = node.events().changes(channel);
            assertEquals(changes.size(), changes.stream().distinct().count(), () -> "nobody twice: " + changes);
        }
        List<String> seen = b.events().changes(channel);
        for (int i = 0; i < 300; i++) {
            int came = seen.indexOf("+u" + i);
            int went = seen.indexOf("-u" + i);
            if (truth.contains("u" + i)) {
                assertTrue(came >= 0 && went < 0, "u" + i + " stays: " + seen);
            } else { // who left before a link that was being made carried their coming was never there for anybody else
                assertTrue(came < 0 ? went < 0 : went > came, "u" + i + " came and went: " + seen);
            }
        }
        assertEquals(truth, get(b.cluster().queries().users(channel)));
    }

    @Test
    void anAnnouncedTotalReachesEveryAttachedNodeAndFallsWithANodeThatEnds() throws Exception {
        Node a = node();
        Node b = node();
        Node c = node();
        ChannelId channel = channel("counted-");
        attach(a, channel);
        attach(c, channel);
        a.cluster().state().count(channel, 2, true);
        b.cluster().state().count(channel, 3, true);
        for (Node node : List.of(a, c)) {
            Await.until(SOON, () -> node.events().totals(channel).toString(),
                    () -> node.events().totals(channel).contains(5));
        }
        b.cluster().close();
        for (Node node : List.of(a, c)) {
            Await.until(SOON, () -> node.events().totals(channel).toString(),
                    () -> node.events().totals(channel).getLast() == 2);
        }
        Node d = node();
        attach(d, channel);
        d.cluster().state().count(channel, 1, true);
        Await.until(SOON, () -> d.events().totals(channel).toString(), () -> d.events().totals(channel).contains(3));
    }

    @Test
    void aUserOnTwoNodesCountsOnceAndStaysUntilTheLastNodeIsLeft() throws Exception {
        Node a = node();
        Node b = node();
        Node c = node();
        ChannelId channel = channel("presence-");
        attach(c, channel);
        a.cluster().state().join(channel, member(a, "1"));
        a.cluster().state().count(channel, 2);
        b.cluster().state().join(channel, member(b, "1"));
        b.cluster().state().join(channel, member(b, "2"));
        b.cluster().state().count(channel, 3);
        Await.until(SOON, () -> counts(c, channel).toString(),
                () -> counts(c, channel).equals(new ClusterQueries.ChannelCounts(5, 2)));
        Await.until(SOON, () -> c.events().members(channel).toString(), () -> c.events().members(channel).size() == 2);
        a.cluster().state().leave(channel, "1");
        a.cluster().state().count(channel, 0);
        Await.until(SOON, () -> counts(c, channel).toString(),
                () -> counts(c, channel).equals(new ClusterQueries.ChannelCounts(3, 2)));
        b.cluster().state().leave(channel, "1");
        Await.until(SOON, () -> c.events().members(channel).toString(),
                () -> c.events().members(channel).equals(Set.of("2")));
        assertEquals(List.of("+1", "+2", "-1"), c.events().changes(channel));
    }

    @Test
    void channelsAreListedByPrefixAndApplicationWithTheirCounts() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId one = channel("list-x-");
        ChannelId two = channel("list-x-");
        ChannelId three = channel("list-y-");
        ChannelId foreign = new ChannelId("app:2", one.name());
        a.cluster().state().count(one, 1);
        b.cluster().state().count(one, 2);
        b.cluster().state().count(two, 1);
        b.cluster().state().count(three, 1);
        b.cluster().state().count(foreign, 9);
        Map<String, ClusterQueries.ChannelCounts> expected = Map.of(one.name(), new ClusterQueries.ChannelCounts(3, 0),
                two.name(), new ClusterQueries.ChannelCounts(1, 0));
        Await.until(SOON, () -> list(a, "list-x-").toString(), () -> list(a, "list-x-").equals(expected));
        b.cluster().state().count(two, 0);
        Await.until(SOON, () -> list(a, "list-x-").toString(), () -> list(a, "list-x-").size() == 1);
        assertEquals(ClusterQueries.ChannelCounts.NONE, counts(a, two));
        assertEquals(9, counts(a, foreign).subscriptions());
    }

    @Test
    void connectionsAreAdmittedUpToTheLimitOverAllNodes() throws Exception {
        Node a = node();
        Node b = node();
        String app = channel("quota-").name();
        AtomicInteger admitted = new AtomicInteger();
        AtomicInteger decided = new AtomicInteger();
        for (int i = 0; i < 40; i++) {
            (i % 2 == 0 ? a : b).cluster().state().connect(app, 25, yes -> {
                if (yes) {
                    admitted.incrementAndGet();
                }
                decided.incrementAndGet();
            });
        }
        Await.until(SOON, () -> decided + " decided", () -> decided.get() == 40);
        assertEquals(25, admitted.get());
        assertEquals(25, get(a.cluster().queries().connections(app)));
        a.cluster().state().disconnect(app);
        Await.until(SOON, () -> connections(b, app) + "", () -> connections(b, app) == 24);
        AtomicInteger more = new AtomicInteger();
        b.cluster().state().connect(app, 25, yes -> more.addAndGet(yes ? 1 : 100));
        b.cluster().state().connect(app, 25, yes -> more.addAndGet(yes ? 1 : 100));
        Await.until(SOON, () -> more + "", () -> more.get() == 101);
        a.cluster().state().connect(app, 0, yes -> more.addAndGet(yes ? 1 : 100));
        assertEquals(102, more.get(), "without a limit it is admitted at once");
        Await.until(SOON, () -> connections(b, app) + "", () -> connections(b, app) == 26);
    }

    @Test
    void aRequestReachesAllOtherNodes() throws Exception {
        Node a = node();
        Node b = node();
        Node c = node();
        publishUntilHeard(a, List.of(b, c));
        Control control = new Control.TerminateUser("app", "42");
        // again until it arrives: a node that has just started may receive channels before it receives requests
        Await.until(SOON, () -> b.events().controls() + " and " + c.events().controls(), () -> {
            a.cluster().state().broadcast(control, () -> {});
            return b.events().controls().contains(control) && c.events().controls().contains(control);
        });
        assertFalse(a.events().controls().contains(control));
    }

    @Test
    void aNodeThatClosesTakesItsMembersAndCountsWithIt() throws Exception {
        Node a = node();
        Node b = node();
        ChannelId channel = channel("presence-");
        String app = channel("quota-").name();
        attach(b, channel);
        a.cluster().state().join(channel, member(a, "1"));
        a.cluster().state().count(channel, 1);
        a.cluster().state().connect(app, 0, yes -> {});
        Await.until(SOON, () -> b.events().members(channel) + "", () -> b.events().members(channel).size() == 1);
        Await.until(SOON, () -> connections(b, app) + "", () -> connections(b, app) == 1);
        Await.until(SOON, () -> "alone", () -> b.cluster().othersServe());
        a.cluster().close();
        Await.until(SOON, () -> b.events().members(channel) + "", () -> b.events().members(channel).isEmpty());
        assertEquals(List.of("+1", "-1"), b.events().changes(channel));
        Await.until(SOON, () -> counts(b, channel) + "",
                () -> counts(b, channel).equals(ClusterQueries.ChannelCounts.NONE));
        Await.until(SOON, () -> connections(b, app) + "", () -> connections(b, app) == 0);
        Await.until(SOON, () -> "others serve", () -> !b.cluster().othersServe());
    }

    /** A node receives requests from when it is connected on; until then there is nobody to terminate on it. */
    private void publishUntilHeard(Node from, List<Node> to) {
        ChannelId channel = channel("heard-");
        to.forEach(node -> attach(node, channel));
        publish(from, channel, "x");
        to.forEach(node -> Await.until(SOON, () -> "nothing", () -> node.events().count(channel) == 1));
    }
}
