package dev.reverb.server.cluster.redis.budget;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Histories;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What histories take in Redis, all together and of each application, and so what those of one partition may take: a
 * quarter of what is left of seven eighths of the bound; the last eighth is divided among all partitions, so that each
 * may have something however little is left. Beyond its room a partition drops what is oldest.
 *
 * <p>The sums are as old as the last heartbeat. By what this node has added since, they count as grown once for each
 * node, as all may add as much. Cluster thread only, but for {@link #bound} and {@link #usage}.
 */
public final class HistoryBudget {

    /** The part of what is left that one partition may have. */
    private static final int SHARE = 4;
    /** What each partition may have however little is left; an eighth of the bound, all together. */
    private static final int LEAST = 2_048;
    /** What {@code write.lua} and {@code sweep.lua} call all applications together; no application is called so. */
    private static final String ALL = "%";
    /** Two heartbeats: the sums may not have what was written before the last one. */
    private static final int KEPT = 2;

    private volatile long most;
    private volatile long mostOfApp;
    private volatile Map<String, Long> sums = Map.of();
    private final ConcurrentHashMap<String, LongAdder> dropped = new ConcurrentHashMap<>();
    /** By application, what it grew by through this node since the last heartbeats, the latest first. */
    private final List<Map<String, Long>> growth = new ArrayList<>();
    private int nodes = 1;

    /**
     * With nothing known.
     *
     * @param most bytes of all applications
     * @param mostOfApp bytes of one
     */
    public HistoryBudget(long most, long mostOfApp) {
        this.most = most;
        this.mostOfApp = mostOfApp;
        growth.add(new HashMap<>());
    }

    /** Other bounds from now on. Any thread. */
    public void bound(long all, long ofApp) {
        most = all;
        mostOfApp = ofApp;
    }

    /** @param changes as {@code write.lua} answers them: application, bytes more, messages dropped, … */
    public void written(byte[] changes) {
        String[] parts = new String(changes, UTF_8).split(" ");
        for (int i = 0; i + 2 < parts.length; i += 3) {
            long bytes = Long.parseLong(parts[i + 1]);
            growth.getFirst().merge(parts[i], bytes, Long::sum);
            growth.getFirst().merge(ALL, bytes, Long::sum);
            long messages = Long.parseLong(parts[i + 2]);
            if (messages > 0) {
                dropped.computeIfAbsent(parts[i], _ -> new LongAdder()).add(messages);
            }
        }
    }

    /**
     * The sums over all partitions, as the heartbeat answers them, and how many nodes there are.
     *
     * @param reply application, bytes, …
     */
    public void measured(List<?> reply, int alive) {
        Map<String, Long> measured = new HashMap<>();
        long all = 0;
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            long bytes = (Long) reply.get(i + 1);
            measured.put(new String((byte[]) reply.get(i), UTF_8), bytes);
            all += bytes;
        }
        measured.put(ALL, all);
        sums = Map.copyOf(measured);
        growth.addFirst(new HashMap<>());
        if (growth.size() > KEPT) {
            growth.removeLast();
        }
        nodes = Math.max(1, alive);
    }

    /** Bytes that the histories of all applications may take in one partition now. */
    public long room() {
        return room(most, ALL);
    }

    /** Bytes that those of {@code app}, as it stands in keys, may take in one partition now. */
    public long room(String app) {
        return room(Math.min(most, mostOfApp), app);
    }

    /** Applications that take more than a third of what they may: their partitions may have to give up some. */
    public List<String> large() {
        List<String> large = new ArrayList<>(2);
        long much = Math.min(most, mostOfApp) / 3;
        sums.forEach((app, bytes) -> {
            if (bytes > much && !app.equals(ALL)) {
                large.add(app);
            }
        });
        return large;
    }

    private long room(long bound, String of) {
        long grown = 0;
        for (Map<String, Long> one : growth) {
            grown += one.getOrDefault(of, 0L);
        }
        long left = bound / 8 * 7 - sums.getOrDefault(of, 0L) - Math.max(0, grown) * nodes;
        return Math.max(left / SHARE, bound / LEAST);
    }

    /** By application, what it takes over all nodes, and what was dropped by this one. Any thread. */
    public Map<String, Histories.Usage> usage() {
        Map<String, Histories.Usage> usage = new HashMap<>();
        sums.forEach((app, bytes) -> usage.put(app, new Histories.Usage(bytes, 0)));
        dropped.forEach((app, messages) -> usage.merge(app, new Histories.Usage(0, messages.sum()),
                (a, b) -> new Histories.Usage(a.bytes(), b.dropped())));
        usage.remove(ALL);
        return usage;
    }
}
