package dev.reverb.server.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Members that come and go on some servers, and what they see of each other. Used by one thread. */
final class PresenceRun implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Pattern ID = Pattern.compile("\"id\":\"(\\w+)\"");

    private final Crowd crowd = new Crowd();
    private final List<ServerNode> nodes = new CopyOnWriteArrayList<>();
    private final List<Attendee> all = new ArrayList<>();
    private final List<Attendee> here = new ArrayList<>();
    private final Random random = new Random(11);
    private final int channels;

    PresenceRun(int channels) {
        this.channels = channels;
    }

    void add(ServerNode node) {
        nodes.add(node);
    }

    /** So many new members, spread over the servers and channels. */
    void join(int members) {
        nodes.forEach(ServerNode::port);
        for (int i = 0; i < members; i++) {
            int number = all.size();
            ServerNode node = nodes.get(number % nodes.size());
            Attendee attendee = new Attendee(node, "presence-" + number / nodes.size() % channels, "u" + number);
            all.add(attendee);
            here.add(attendee);
            crowd.join(node.port(), attendee);
            if (i % 100 == 99) {
                awaitPresent();
            }
        }
    }

    void awaitPresent() {
        Await.until(PATIENCE, () -> here.stream().filter(a -> !a.present()).count() + " not present",
                () -> here.stream().allMatch(a -> a.present() || !a.open()));
    }

    /** Members come and go at this pace, for so long. */
    void churn(int perSecond, Duration length) {
        long start = System.nanoTime();
        int count = (int) (perSecond * length.toMillis() / 1000);
        for (int i = 0; i < count; i++) {
            long due = start + i * 1_000_000_000L / perSecond;
            Await.until(PATIENCE, () -> "", () -> System.nanoTime() - due >= 0);
            join(1);
            List<Attendee> present = here.stream().filter(Attendee::present).toList();
            Attendee leaving = present.get(random.nextInt(present.size()));
            here.remove(leaving);
            crowd.ask(() -> {
                leaving.leave();
                return true;
            });
        }
    }

    /** A server and its members are no more. */
    void kill(ServerNode node) {
        nodes.remove(node);
        node.kill();
        here.removeIf(attendee -> attendee.node() == node);
    }

    /** Waits until every member sees exactly those who are there. */
    void settle(Duration limit) {
        awaitPresent();
        Map<String, Set<String>> truth = truth();
        AtomicReference<String> differs = new AtomicReference<>("");
        Await.until(limit, differs::get, () -> crowd.ask(() -> {
            for (Attendee attendee : here) {
                Set<String> expected = truth.getOrDefault(attendee.channel(), Set.of());
                Set<String> seen = attendee.view();
                if (!seen.equals(expected)) {
                    Set<String> missing = new TreeSet<>(expected);
                    missing.removeAll(seen);
                    seen.removeAll(expected);
                    differs.set(attendee.user() + " on " + attendee.node().number() + " in " + attendee.channel()
                            + " does not see " + missing + " and sees " + seen);
                    return false;
                }
            }
            return true;
        }));
    }

    private Map<String, Set<String>> truth() {
        return here.stream()
                .collect(Collectors.groupingBy(Attendee::channel,
                        Collectors.mapping(Attendee::user, Collectors.toCollection(TreeSet::new))));
    }

    /** Nobody received anything that cannot be, and nobody was dropped. */
    void check() {
        List<String> wrong = crowd.ask(() -> all.stream()
                .flatMap(a -> a.wrong().stream().map(w -> a.user() + " on " + a.node().number() + ": " + w))
                .toList());
        assertEquals(List.of(), wrong.stream().limit(10).toList(), wrong.size() + " wrong");
        assertEquals(List.of(), here.stream().filter(a -> !a.open()).map(Attendee::user).toList(), "dropped");
    }

    /** The HTTP API of every server names the same members, and each once. */
    void checkQueries() throws Exception {
        for (ServerNode node : nodes) {
            try (ApiConnection api = new ApiConnection(node.port())) {
                for (Map.Entry<String, Set<String>> channel : truth().entrySet()) {
                    Await.until(PATIENCE, () -> channel + " and not " + users(api, channel.getKey()),
                            () -> users(api, channel.getKey()).equals(List.copyOf(channel.getValue())));
                }
            }
        }
    }

    private static List<String> users(ApiConnection api, String channel) {
        try {
            String body = api.get("/apps/" + ServerNode.APP + "/channels/" + channel + "/users");
            return ID.matcher(body).results().map(id -> id.group(1)).sorted().toList();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** How many leaves have been seen by those who are there. */
    int removals() {
        return crowd.ask(() -> here.stream().mapToInt(Attendee::removals).sum());
    }

    int members() {
        return here.size();
    }

    @Override
    public void close() {
        nodes.forEach(ServerNode::close);
        crowd.close();
    }
}
