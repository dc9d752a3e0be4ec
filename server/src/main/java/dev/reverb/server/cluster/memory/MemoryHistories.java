package dev.reverb.server.cluster.memory;

import dev.reverb.model.HistoryBounds;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.Histories.Found;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.cluster.message.Publication;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Histories of one node, in memory. A channel is bounded by its rule, an application and all together by
 * {@link #bound}: beyond that the channel written longest ago, of the application that has most, loses its messages.
 * Of a channel without messages the number of its last one is remembered for a day, so that a client that missed
 * nothing resumes. Any thread; held for the work on one channel.
 */
final class MemoryHistories implements Histories {

    /** Channels that are remembered. */
    private static final int MAX_CHANNELS = 100_000;
    private static final long ENTRY_OVERHEAD = 120;
    private static final long MEMORY_MILLIS = 86_400_000;

    private static final class Kept {
        final ArrayDeque<Histories.Entry> entries = new ArrayDeque<>();
        long bytes;
        /** Number of the last message, and of the last that is no longer kept. */
        long last;
        long lost;
        long untilMillis;
        long writtenMillis;
    }

    /** Those of one application that have messages, by when they were written last. */
    private static final class OfApp {
        final LinkedHashMap<ChannelId, Kept> channels = new LinkedHashMap<>();
        long bytes;
        long dropped;
    }

    private final String node;
    /** By when they were written last. */
    private final LinkedHashMap<ChannelId, Kept> channels = new LinkedHashMap<>();
    private final Map<String, OfApp> apps = new HashMap<>();
    private long bytes;
    private long newest;
    /** The highest number of a channel that is not remembered any longer. */
    private long forgotten;
    private long most = HistoryBounds.IN_MEMORY.all();
    private long mostOfApp = HistoryBounds.IN_MEMORY.ofApp();

    /** @param node the origin of all that is kept */
    MemoryHistories(String node) {
        this.node = node;
    }

    @Override
    public synchronized void bound(long all, long ofApp) {
        most = all;
        mostOfApp = ofApp;
    }

    /** Bytes of all messages, with what they take beside. */
    synchronized long bytes() {
        expire(System.currentTimeMillis());
        return bytes;
    }

    @Override
    public synchronized Map<String, Usage> usage() {
        expire(System.currentTimeMillis());
        Map<String, Usage> usage = new HashMap<>();
        apps.forEach((app, of) -> usage.put(app, new Usage(of.bytes, of.dropped)));
        return usage;
    }

    synchronized void put(Publication publication) {
        KeepRule rule = publication.keep();
        if (rule == null) {
            return;
        }
        long now = System.currentTimeMillis();
        ChannelId channel = publication.channel();
        Kept kept = channels.remove(channel);
        if (kept == null) {
            kept = new Kept();
        }
        channels.put(channel, kept);
        OfApp app = apps.computeIfAbsent(channel.app(), _ -> new OfApp());
        var _ = app.channels.remove(channel);
        app.channels.put(channel, kept);
        kept.entries.add(new Histories.Entry(point(publication.number()), now, publication.exclude(), true,
                publication.message()));
        kept.last = publication.number();
        kept.writtenMillis = now;
        kept.untilMillis = now + rule.ageMillis();
        newest = Math.max(newest, publication.number());
        count(app, kept, size(publication.message()));
        trim(app, kept, rule, now);
        expire(now);
        while (app.bytes > mostOfApp) {
            shed(app);
        }
        while (bytes > most) {
            shed(largest());
        }
    }

    private HistoryPoint point(long number) {
        return new HistoryPoint(0, number, node, number);
    }

    private static long size(byte[] message) {
        return message.length + ENTRY_OVERHEAD;
    }

    private void count(OfApp app, Kept kept, long change) {
        kept.bytes += change;
        app.bytes += change;
        bytes += change;
    }

    private void removeFirst(OfApp app, Kept kept) {
        Histories.Entry first = kept.entries.removeFirst();
        kept.lost = first.point().number();
        count(app, kept, -size(first.message()));
    }

    private void trim(OfApp app, Kept kept, KeepRule rule, long now) {
        long old = now - rule.ageMillis();
        while (kept.entries.size() > rule.count()
                || (!kept.entries.isEmpty() && kept.entries.getFirst().millis() <= old)
                || (kept.entries.size() > 1 && kept.bytes > rule.bytes())) {
            removeFirst(app, kept);
        }
    }

    /** From the channel written longest ago on; stops at the first that has to stay. */
    private void expire(long now) {
        Iterator<Map.Entry<ChannelId, Kept>> oldest = channels.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<ChannelId, Kept> one = oldest.next();
            Kept kept = one.getValue();
            if (kept.writtenMillis <= now - MEMORY_MILLIS || channels.size() > MAX_CHANNELS) {
                clear(one.getKey(), kept);
                forgotten = Math.max(forgotten, kept.last);
                oldest.remove();
            } else if (kept.untilMillis <= now) {
                clear(one.getKey(), kept);
            } else {
                break;
            }
        }
    }

    private void clear(ChannelId channel, Kept kept) {
        OfApp app = apps.get(channel.app());
        if (app != null) {
            var _ = app.channels.remove(channel);
            while (!kept.entries.isEmpty()) {
                removeFirst(app, kept);
            }
        }
    }

    private OfApp largest() {
        OfApp largest = new OfApp();
        for (OfApp app : apps.values()) {
            largest = app.bytes > largest.bytes ? app : largest;
        }
        return largest;
    }

    /** Of the channel written longest ago all messages go; of the only one, its older half. */
    private void shed(OfApp app) {
        Map.Entry<ChannelId, Kept> oldest = app.channels.firstEntry();
        Kept kept = oldest.getValue();
        int go = app.channels.size() > 1 ? kept.entries.size() : (kept.entries.size() + 1) / 2;
        for (int i = 0; i < go; i++) {
            removeFirst(app, kept);
        }
        app.dropped += go;
        if (kept.entries.isEmpty()) {
            var _ = app.channels.remove(oldest.getKey());
        }
    }

    @Override
    public synchronized HistoryPoint follow(ChannelId channel) {
        Kept kept = channels.get(channel);
        return kept == null ? HistoryPoint.nothing(node, 0, newest) : point(kept.last);
    }

    @Override
    public void read(ChannelId channel, Question question, Consumer<Histories.@Nullable Page> answer) {
        answer.accept(read(channel, question));
    }

    private synchronized Histories.Page read(ChannelId channel, Question question) {
        Kept kept = channels.get(channel);
        OfApp app = apps.get(channel.app());
        if (kept != null && app != null) {
            trim(app, kept, question.rule(), System.currentTimeMillis());
        }
        HistoryPoint after = question.after();
        Found found = after == null ? Found.YES : find(after, kept);
        long from = after != null && found == Found.YES ? after.sequence() : 0;
        List<Histories.Entry> entries = new ArrayList<>();
        if (kept != null) {
            int skip = question.newest() == 0 || after != null ? 0 : kept.entries.size() - question.newest();
            for (Histories.Entry entry : kept.entries) {
                if (skip-- <= 0 && entry.point().sequence() > from) {
                    entries.add(entry);
                }
            }
        }
        return new Histories.Page(found, true, 0, entries, null);
    }

    private Found find(HistoryPoint after, @Nullable Kept kept) {
        boolean ours = after.origin().equals(node) || after.origin().equals(HistoryPoint.nothing(node, 0, 0).origin());
        if (!ours || after.sequence() > newest) {
            return Found.UNKNOWN;
        }
        return after.sequence() >= (kept == null ? forgotten : kept.lost) ? Found.YES : Found.TOO_OLD;
    }

    @Override
    public List<Publication> unwritten(ChannelId channel) {
        return List.of();
    }

    @Override
    public HistoryPoint placed(Publication publication) {
        return point(publication.number());
    }
}
