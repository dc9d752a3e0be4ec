package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.message.Member;
import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** What tests that break Redis under a few nodes share. */
abstract class Faults {

    static final Duration LONG = Duration.ofSeconds(30);

    private final List<AutoCloseable> open = new ArrayList<>();

    final <T extends AutoCloseable> T track(T resource) {
        open.add(resource);
        return resource;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
        open.clear();
    }

    final Fleet fleet(int channels, LinkFault fault, String... addresses) {
        return track(new Fleet(channels, fault, List.of(addresses).stream().map(Configs::single).toList()));
    }

    final List<Publisher> publishers(Fleet fleet, int perSecond) {
        List<Publisher> publishers = new ArrayList<>();
        for (int i = 0; i < fleet.nodes.size(); i++) {
            publishers.add(track(new Publisher("p" + i, fleet.nodes.get(i), fleet.channels, perSecond)));
        }
        return publishers;
    }

    static void progress(List<Publisher> publishers, int more) {
        for (Publisher publisher : publishers) {
            int goal = publisher.accepted() + more;
            Await.until(LONG, () -> publisher.accepted() + " of " + goal, () -> publisher.accepted() >= goal);
        }
    }

    static void stop(List<Publisher> publishers) {
        publishers.forEach(Publisher::close);
    }

    static Member member(RedisCluster node, String user) {
        return new Member(node.node(), user, ("{\"user_id\":\"" + user + "\"}").getBytes(UTF_8));
    }
}
