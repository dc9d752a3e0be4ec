package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.cluster.Shell;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Chromium before three servers, with the example page of the plugin that resumes and a page with a plain
 * {@code pusher-js}, while servers are rolled, one is killed, Redis is replaced, and the network is away. All tests
 * share the cluster and the pages.
 */
@ExtendWith(InstalledOperator.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ResumePageTest {
    private static final String NAME = "pages";
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration ROLLED = Duration.ofMinutes(4);
    private static final Duration OFFLINE = Duration.ofSeconds(20);
    private static final int MORE = 20;

    private ReverbClusters clusters;
    private ResumePages pages;

    private static String spec(String revision) {
        return """
              replicas: 3
              apps: [{id: app, history: [{channels: "*", count: 5000, age: 5m}]}]
              drain: {endpointGrace: 3s, duration: 6s, notice: 3s, presenceLinger: 30s}
              rollout: {settleTimeout: 5s, watchWindow: 2s}
              podTemplate: {metadata: {annotations: {e2e: %s}}}
            """.formatted(revision);
    }

    @BeforeAll
    void begin(Installation installation) {
        Shell.run(Map.of(), List.of("dev/setup", "clients"));
        clusters = new ReverbClusters(installation.client());
        clusters.applyCluster(NAME, spec("first"));
        clusters.awaitSettled(NAME, READY);
        clusters.awaitReached(NAME, READY);
        pages = ResumePages.open(clusters.application(NAME, NAME + "-app"));
        await("both pages to be in the room",
                now -> now.path("room").asInt() == 2 && now.path("plain").path("room").asInt() == 2);
        var _ = progress();
    }

    @AfterAll
    void end() {
        if (pages != null) {
            pages.close();
        }
        if (clusters != null) {
            clusters.close();
        }
    }

    private interface Condition {
        boolean holds(JsonNode report);
    }

    private JsonNode await(String what, Condition condition) {
        AtomicReference<JsonNode> last = new AtomicReference<>(pages.report());
        Await.until(what, READY, () -> {
            last.set(pages.report());
            return condition.holds(last.get());
        }, () -> last.get().toString());
        return last.get();
    }

    /** Waits until the page has what is published from now on. */
    private JsonNode progress() {
        int goal = pages.report().path("published").asInt() + MORE;
        return await("number " + goal, now -> now.path("last").asInt() >= goal);
    }

    /** Nothing is missing and nothing came twice. */
    private JsonNode whole() {
        var _ = await("nothing to be missing", now -> now.path("missing").asInt() == 0);
        JsonNode now = progress();
        assertEquals(0, now.path("missing").asInt(), now::toString);
        assertEquals(0, now.path("doubled").asInt(), now::toString);
        assertEquals("", now.path("problem").asText(), now::toString);
        return now;
    }

    private Set<String> uids() {
        return clusters.servers(NAME).stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
    }

    @Test
    @Order(1)
    void inARollThePageStaysConnectedAndWholeAndNobodyIsSeenToLeave() {
        JsonNode before = pages.report();
        Set<String> first = uids();
        long from = System.nanoTime();
        clusters.applyCluster(NAME, spec("second"));
        Await.until("three new servers", ROLLED, () -> uids().size() == 3 && uids().stream().noneMatch(first::contains),
                () -> pages.report().toString());
        clusters.awaitSettled(NAME, ROLLED);
        JsonNode after = whole();
        System.out.println("a roll in " + Duration.ofNanos(System.nanoTime() - from).toSeconds() + " s: " + after);
        assertEquals(before.path("states"), after.path("states"), "the page with the plugin stays connected");
        assertTrue(after.path("moves").asInt() > before.path("moves").asInt(), after::toString);
        assertEquals(before.path("members"), after.path("members"), "the page with the plugin sees nobody come or go");
        assertTrue(after.path("plain").path("states").size() > before.path("plain").path("states").size(),
                "the plain page connected anew");
        assertEquals(before.path("plain").path("changes"), after.path("plain").path("changes"),
                "the plain page sees nobody come or go");
        assertEquals(2, after.path("room").asInt());
        assertEquals(2, after.path("plain").path("room").asInt());
    }

    @Test
    @Order(2)
    @NeedsOwnNode("a process of a pod that may be killed")
    void itIsWholeAfterItsServerWasKilled(Installation installation) {
        JsonNode before = whole();
        // it is in two channels, the other page in one
        Pod server = clusters.servers(NAME)
                .stream()
                .max(Comparator.comparingInt(pod -> clusters.meter(pod, "reverb_channels")))
                .orElseThrow();
        installation.kubernetes().kill(server.getMetadata().getUid(), "java");
        JsonNode after = await("the page to connect anew",
                now -> now.path("states").size() > before.path("states").size()
                        && "connected".equals(now.path("states").path(now.path("states").size() - 1).asText()));
        assertTrue(after.path("states").size() > before.path("states").size(), after::toString);
        after = whole();
        System.out.println("after SIGKILL: " + after);
        clusters.awaitSettled(NAME, READY);
    }

    @Test
    @Order(3)
    void itIsWholeAfterThePodOfRedisWasReplaced() {
        String redis = NAME + "-redis-0";
        var pods = clusters.client().pods().inNamespace(clusters.namespace());
        String uid = pods.withName(redis).require().getMetadata().getUid();
        var _ = pods.withName(redis).withGracePeriod(0).delete();
        Await.until("another Redis", READY, () -> {
            Pod now = pods.withName(redis).get();
            return now != null && !uid.equals(now.getMetadata().getUid()) && Readiness.isPodReady(now);
        }, () -> pods.list().getItems().toString());
        Await.until("all servers to reach it", READY,
                () -> clusters.servers(NAME)
                        .stream()
                        .allMatch(pod -> clusters.meter(pod, "reverb_redis_connected") == 1),
                () -> "not reached");
        JsonNode after = whole();
        System.out.println("after another Redis: " + after);
    }

    @Test
    @Order(4)
    void itIsWholeAfterTwentySecondsWithoutNetwork() {
        JsonNode before = whole();
        long from = System.nanoTime();
        var _ = pages.network(false);
        Await.until("twenty seconds without network", READY, () -> System.nanoTime() - from > OFFLINE.toNanos(),
                () -> "clock");
        JsonNode away = pages.report();
        int missed = away.path("published").asInt() - away.path("last").asInt();
        assertTrue(missed > MORE, away::toString);
        var _ = pages.network(true);
        JsonNode after = whole();
        System.out.println("after " + OFFLINE.toSeconds() + " s without network, in which " + missed
                + " numbers were published: " + after);
        assertTrue(after.path("states").size() > before.path("states").size(), "it had to connect anew");
    }
}
