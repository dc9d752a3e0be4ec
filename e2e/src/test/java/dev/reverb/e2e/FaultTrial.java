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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One fault under {@value #CLIENTS} clients and a publisher, and its line of the table: what was done, what clients
 * saw, what the status said, how long until all was whole. Clients may see nothing.
 */
final class FaultTrial implements AutoCloseable {
    static final String CLUSTER = "calm";
    static final int CLIENTS = 100;

    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration WHOLE = Duration.ofMinutes(3);
    private static final long LOOK_NANOS = Duration.ofMillis(200).toNanos();
    private static final Set<Row> ROWS = Collections.synchronizedSet(new LinkedHashSet<>());

    private final String done;
    private final ReverbClusters clusters;
    private final Load load;
    private final Set<String> said = new LinkedHashSet<>();
    private final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
    private final Thread watcher = Thread.ofVirtual().unstarted(this::watch);
    private volatile boolean ended;
    private final long began;

    /** One line of the table. */
    record Row(String done, String clients, String said, String whole) {}

    private FaultTrial(String done, ReverbClusters clusters, Load load) {
        this.done = done;
        this.clusters = clusters;
        this.load = load;
        watcher.start();
        began = System.nanoTime();
    }

    /**
     * Makes a settled cluster {@value #CLUSTER} with this spec and connects the clients.
     *
     * @param done what the test does to it, for the table
     */
    static FaultTrial begin(Installation installation, String done, String spec) {
        return begin(installation, done, spec, _ -> {});
    }

    /** The same, with objects that have to be there before the cluster. */
    static FaultTrial begin(Installation installation, String done, String spec, Consumer<ReverbClusters> before) {
        ReverbClusters clusters = new ReverbClusters(installation.client());
        try {
            before.accept(clusters);
            clusters.applyCluster(CLUSTER, spec);
            clusters.awaitSettled(CLUSTER, READY);
            clusters.awaitReached(CLUSTER, READY);
            return new FaultTrial(done, clusters,
                    Load.start(clusters.application(CLUSTER, CLUSTER + "-app"), CLIENTS, 4, 20));
        } catch (RuntimeException | AssertionError e) {
            clusters.close();
            throw e;
        }
    }

    ReverbClusters clusters() {
        return clusters;
    }

    Load load() {
        return load;
    }

    /** Waits for a condition of the cluster to name what is wrong. */
    void awaitSaid(String words) {
        Await.until("the status to say " + words, READY, () -> said().stream().anyMatch(line -> line.contains(words)),
                () -> said().toString());
    }

    /** What the conditions have said since the fault, each once. */
    List<String> said() {
        String line = heard.poll();
        while (line != null) {
            said.add(line);
            line = heard.poll();
        }
        return List.copyOf(said);
    }

    /**
     * Waits until all is whole, judges what clients saw, and writes the line of the table.
     *
     * @param whole whether the fault is mended, beside the cluster being settled
     * @param closes with 4200 that are allowed: those of a roll
     */
    void finish(BooleanSupplier whole, int closes) {
        Await.until("all to be whole", WHOLE, () -> whole.getAsBoolean() && settled(), () -> said().toString());
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        Await.pass(Duration.ofSeconds(5)); // what comes after it must disturb nobody either
        Verdict verdict = load.finish();
        ended = true;
        Row row = new Row(done, clients(verdict), said().isEmpty() ? "nothing" : String.join("; ", said()),
                took.toSeconds() + " s");
        ROWS.add(row);
        System.out.println(line(row));
        assertEquals(List.of(), verdict.objections(), verdict.summary());
        assertTrue(verdict.closes() <= closes, verdict.summary());
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

    /** Notes what conditions say beside that all is well. */
    private void watch() {
        while (!ended) {
            try {
                @Nullable
                GenericKubernetesResource found = clusters.cluster(CLUSTER).get();
                List<Map<String, Object>> conditions = found == null ? null : found.get("status", "conditions");
                for (Map<String, Object> condition : conditions == null ? List.<Map<String, Object>>of() : conditions) {
                    String type = String.valueOf(condition.get("type"));
                    boolean well = switch (type) {
                        case "Ready", "RedisReachable" -> "True".equals(condition.get("status"));
                        case "Degraded", "Stalled" -> "False".equals(condition.get("status"));
                        default -> true;
                    };
                    if (!well) {
                        heard.add(type + " " + condition.get("status") + " " + condition.get("reason") + ": "
                                + condition.get("message"));
                    }
                }
            } catch (RuntimeException e) {
                // the API server is away: that may be the fault
            }
            LockSupport.parkNanos(LOOK_NANOS);
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
        return "| " + row.done() + " | " + row.clients() + " | " + row.said().replace("|", "/") + " | " + row.whole()
                + " |";
    }

    @Override
    public void close() {
        ended = true;
        load.close();
        clusters.close();
    }
}
