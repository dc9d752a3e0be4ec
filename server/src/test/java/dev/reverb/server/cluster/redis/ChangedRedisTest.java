package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Nodes that are to reach Redis in another way while they work. */
final class ChangedRedisTest extends Faults {

    private static final String USER = "reverb";

    private static RedisConfig config(String address, String password) {
        return new RedisConfig(List.of(address), Topology.SINGLE, Optional.empty(), Optional.empty(), Optional.of(USER),
                Optional.of(password), 0, false, Optional.empty(), true, Duration.ofSeconds(60));
    }

    private Fleet fleet(RedisConfig config) {
        return track(new Fleet(20, LinkFault.NONE, List.of(Configs.over(config), Configs.over(config))));
    }

    /** The connections of nodes that there are, by Redis's numbers. */
    private static Set<String> connections(RedisProcess redis) {
        return Pattern.compile("id=(\\d+) [^\\n]* user=" + USER + " ")
                .matcher(redis.command("CLIENT", "LIST"))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean none(Set<String> before, Set<String> now) {
        return now.size() == before.size() && now.stream().noneMatch(before::contains);
    }

    @Test
    void anotherPasswordInterruptsNothingThoughRedisLearnsItLater() throws Exception {
        RedisProcess redis = track(RedisProcess.server("--user", USER, "on", ">old", "~*", "&*", "+@all"));
        Fleet fleet = fleet(config(redis.address(), "old"));
        List<Publisher> publishers = publishers(fleet, 200);
        progress(publishers, 60);
        Set<String> before = connections(redis);
        assertEquals(4, before.size());

        fleet.nodes.forEach(node -> node.redisChanged(config(redis.address(), "new")));
        progress(publishers, 100);
        assertTrue(fleet.nodes.stream().allMatch(RedisCluster::linkUp));
        redis.command("ACL", "SETUSER", USER, ">new");
        Await.until(LONG, () -> "still " + connections(redis) + " of " + before,
                () -> none(before, connections(redis)));
        progress(publishers, 60);
        assertTrue(fleet.nodes.stream().allMatch(node -> node.linkUp() && node.statistics().outages() == 0));

        redis.command("ACL", "SETUSER", USER, "<old");
        redis.command("CLIENT", "KILL", "USER", USER);
        progress(publishers, 60);
        Await.until(LONG, () -> "not reached by the new password",
                () -> fleet.nodes.stream().allMatch(RedisCluster::linkUp));
        stop(publishers);
        fleet.exact(publishers);
        assertTrue(publishers.stream().allMatch(publisher -> publisher.refused() == 0));
    }

    @Test
    void anotherAddressOfTheSameRedisInterruptsNothing() throws Exception {
        RedisProcess redis = track(RedisProcess.server("--user", USER, "on", ">old", "~*", "&*", "+@all"));
        CutProxy proxy = track(new CutProxy(redis.port()));
        Fleet fleet = fleet(config(proxy.address(), "old"));
        List<Publisher> publishers = publishers(fleet, 200);
        progress(publishers, 60);
        Set<String> before = connections(redis);

        fleet.nodes.forEach(node -> node.redisChanged(config(redis.address(), "old")));
        Await.until(LONG, () -> "still " + connections(redis) + " of " + before,
                () -> none(before, connections(redis)));
        proxy.cut();
        progress(publishers, 60);
        stop(publishers);
        fleet.exact(publishers);
        assertTrue(fleet.nodes.stream().allMatch(node -> node.linkUp() && node.statistics().outages() == 0));
    }

    @Test
    void whatWorksAgainServesWhileTheNewSettingsDoNot() throws Exception {
        RedisProcess redis = track(RedisProcess.server("--user", USER, "on", ">old", "~*", "&*", "+@all"));
        Fleet fleet = fleet(config(redis.address(), "old"));
        List<Publisher> publishers = publishers(fleet, 200);
        progress(publishers, 60);

        fleet.nodes.forEach(node -> node.redisChanged(config(redis.address(), "never")));
        redis.command("CLIENT", "KILL", "USER", USER);
        progress(publishers, 60);
        Await.until(LONG, () -> "not reached", () -> fleet.nodes.stream().allMatch(RedisCluster::linkUp));
        stop(publishers);
        fleet.exact(publishers);
    }

    @Test
    void anotherRedisTakesOverThoughNodesComeToItOneAfterTheOther() throws Exception {
        RedisProcess old = track(RedisProcess.server("--user", USER, "on", ">old", "~*", "&*", "+@all"));
        RedisProcess other = track(RedisProcess.server("--user", USER, "on", ">old", "~*", "&*", "+@all"));
        Fleet fleet = fleet(config(old.address(), "old"));
        List<Publisher> publishers = publishers(fleet, 200);
        progress(publishers, 100);

        for (RedisCluster node : fleet.nodes) {
            node.redisChanged(config(other.address(), "old"));
            progress(publishers, 200);
        }
        Await.until(LONG, () -> "only " + connections(other), () -> connections(other).size() == 4);
        old.kill();
        progress(publishers, 60);
        stop(publishers);
        fleet.exact(publishers);
    }
}
