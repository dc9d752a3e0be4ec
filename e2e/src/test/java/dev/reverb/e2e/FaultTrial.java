package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One fault under {@value #CLIENTS} clients and a publisher, and its line of the table: what was done, what clients
 * saw, what the status said, how long until all was whole. Clients may see nothing. The trials share one cluster: each
 * begins with the spec that all begin with, settled; a trial that fails leaves its cluster, and the next one makes
 * another.
 */
final class FaultTrial implements AutoCloseable {
    static final String CLUSTER = "calm";
    static final int CLIENTS = 100;

    private static final String SPEC = "  replicas: 2\n  drain: {duration: 10s}\n";
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration WHOLE = Duration.ofMinutes(3);
    private static final long LOOK_NANOS = Duration.ofMillis(200).toNanos();
    private static final int LONGEST_SAID = 300;
    private static final Set<Row> ROWS = Collections.synchronizedSet(new LinkedHashSet<>());

    private static @Nullable ReverbClusters shared;

    private final String done;
    private final Installation installation;
    private final ReverbClusters clusters;
    private final Load load;
    /** The last message of each condition that is not as it should be, by what the condition is. */
    private final Map<String, String> said = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Thread watcher = Thread.ofVirtual().unstarted(this::watch);
    private final long began;
    private List<String> operators;
    private long mended;
    private volatile boolean ended;
    private boolean passed;

    /** One line of the table. */
    record Row(String done, String clients, String said, String whole) {}

    private FaultTrial(String done, Installation installation, ReverbClusters clusters, Load load) {
        this.done = done;
        this.installation = installation;
        this.clusters = clusters;
        this.load = load;
        operators = installation.operators();
        watcher.start();
        began = System.nanoTime();
    }

    /**
     * Takes the settled cluster {@value #CLUSTER} and connects the clients.
     *
     * @param done what the test does to it, for the table
     */
    static synchronized FaultTrial begin(Installation installation, String done) {
        ReverbClusters clusters = shared;
        if (clusters == null) {
            clusters = new ReverbClusters(installation.client());
            shared = clusters;
        }
        try {
            clusters.applyCluster(CLUSTER, SPEC);
            clusters.awaitSettled(CLUSTER, READY);
            clusters.awaitReached(CLUSTER, READY);
            return new FaultTrial(done, installation, clusters,
                    Load.start(clusters.application(CLUSTER, CLUSTER + "-app"), CLIENTS, 4, 20));
        } catch (RuntimeException | AssertionError e) {
            leave();
            throw e;
        }
    }

    /** Removes the cluster that the trials share. */
    static synchronized void leave() {
        ReverbClusters clusters = shared;
        shared = null;
        if (clusters != null) {
            clusters.close();
        }
    }

    ReverbClusters clusters() {
        return clusters;
    }

    /** Applies the spec that all trials begin with, and more, written as YAML with two spaces of indentation. */
    void apply(String more) {
        clusters.applyCluster(CLUSTER, SPEC + more);
    }

    /** Waits for a condition to name what is wrong. */
    void awaitSaid(String words) {
        Await.until("the status to say " + words, READY, () -> said().stream().anyMatch(line -> line.contains(words)),
                () -> said().toString());
    }

    /** What has been said since the fault. */
    private List<String> said() {
        synchronized (said) {
            return said.entrySet().stream().map(entry -> entry.getKey() + ": " + entry.getValue()).toList();
        }
    }

    /** From here on the time is taken until all is whole: whoever made the fault has mended it. */
    void mended() {
        mended = System.nanoTime();
    }

    /** The test has replaced the operators that ran; those that run now are to stay. */
    void operatorsAreOthers() {
        operators = installation.operators();
    }

    /**
     * Waits until all is whole, judges what clients saw, and writes the line of the table. No operator may have been
     * restarted.
     *
     * @param whole whether the fault is mended, beside the cluster being settled
     * @param closes with 4200 that are allowed: those of a roll
     */
    void finish(BooleanSupplier whole, int closes) {
        Await.until("all to be whole", WHOLE, () -> whole.getAsBoolean() && settled(), () -> said().toString());
        Duration took = Duration.ofNanos(System.nanoTime() - (mended == 0 ? began : mended));
        Await.pass(Duration.ofSeconds(2)); // what comes after it must disturb nobody either
        Verdict verdict = load.finish();
        ended = true;
        List<String> lines = said().stream().map(FaultTrial::brief).toList();
        Row row = new Row(done, clients(verdict), lines.isEmpty() ? "nothing" : String.join("; ", lines),
                took.toSeconds() + " s" + (mended == 0 ? "" : " after it was mended"));
        ROWS.add(row);
        System.out.println(line(row));
        assertEquals(List.of(), verdict.objections(), verdict.summary());
        assertTrue(verdict.closes() <= closes, verdict.summary());
        assertEquals(operators, installation.operators(), "the operator was restarted");
        passed = true;
    }

    private boolean settled() {
        return is("Ready", "True") && is("Progressing", "False") && is("Degraded", "False")
                && is("RedisReachable", "True");
    }

    private boolean is(String type, String status) {
        return clusters.condition(CLUSTER, type).map(condition -> status.equals(condition.get("status"))).orElse(false);
    }

    private static String clients(Verdict verdict) {
        boolean nothing = verdict.objections().isEmpty() && verdict.closes() == 0;
        return (nothing ? "nothing"
                : verdict.closes() + " closes with 4200"
                        + (verdict.objections().isEmpty() ? "" : ", " + String.join(", ", verdict.objections())))
                + " (" + verdict.due() + " deliveries, " + verdict.acknowledged() + " publishes)";
    }

    private static String brief(String line) {
        return line.length() <= LONGEST_SAID ? line : line.substring(0, LONGEST_SAID) + " …";
    }

    /** Notes what conditions of the cluster and of its applications say beside that all is well. */
    private void watch() {
        while (!ended) {
            try {
                note("", clusters.cluster(CLUSTER).get());
                clusters.apps().forEach(app -> note("ReverbApp " + app.getMetadata().getName() + " ", app));
            } catch (RuntimeException e) {
                // the API server is away: that may be the fault
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void note(String who, @Nullable GenericKubernetesResource found) {
        List<Map<String, Object>> conditions = found == null ? null : found.get("status", "conditions");
        for (Map<String, Object> condition : conditions == null ? List.<Map<String, Object>>of() : conditions) {
            String type = String.valueOf(condition.get("type"));
            boolean well = switch (type) {
                case "Ready", "RedisReachable" -> "True".equals(condition.get("status"));
                case "Degraded", "Stalled" -> "False".equals(condition.get("status"));
                default -> true;
            };
            if (!well) {
                said.put(who + type + " " + condition.get("status") + " " + condition.get("reason"),
                        String.valueOf(condition.get("message")));
            }
        }
    }

    /** The whole table so far, as Markdown. */
    static String table() {
        StringBuilder table = new StringBuilder(
                "| What was done | What clients saw | What the status said | Whole after |\n|---|---|---|---|\n");
        synchronized (ROWS) {
            ROWS.forEach(row -> table.append(line(row)).append('\n'));
        }
        return table.toString();
    }

    private static String line(Row row) {
        return "| " + row.done() + " | " + row.clients() + " | " + row.said().replace("|", "/").replace("\n", " ")
                + " | " + row.whole() + " |";
    }

    @Override
    public void close() {
        ended = true;
        load.close();
        if (!passed) {
            System.out.println("FAILED: " + done + ", after " + said());
            leave();
        }
    }
}
