package dev.reverb.server.cluster.memory;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.Histories.Found;
import dev.reverb.server.cluster.HistoryPoint;
import dev.reverb.server.cluster.Publication;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Histories of one node, in memory. A channel is bounded by its rule, all together by {@value #MAX_BYTES} bytes: beyond
 * that the channel written longest ago loses its messages. Of a channel without messages the number of
 * its last one is remembered for a day, so that a client that missed nothing resumes. Any thread; held for the work
 * on one channel.
 */
final class MemoryHistories implements Histories {

    /** Bytes of all messages together. */
    static final long MAX_BYTES = 64L << 20;
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

    private final String node;
    /** By when they were written last. */
    private final LinkedHashMap<ChannelId, Kept> channels = new LinkedHashMap<>();
    private long bytes;
    private long newest;
    /** The highest number of a channel that is not remembered any longer. */
    private long forgotten;

    /** @param node the origin of all that is kept */
    MemoryHistories(String node) {
        this.node = node;
    }

    /** Bytes of all messages, with what they take beside. */
    synchronized long bytes() {
        expire(System.currentTimeMillis());
        return bytes;
    }

    synchronized void put(Publication publication) {
        Histories.Rule rule = publication.keep();
        if (rule == null) {
            return;
        }
        long now = System.currentTimeMillis();
        Kept kept = channels.remove(publication.channel());
        if (kept == null) {
            kept = new Kept();
        }
        channels.put(publication.channel(), kept);
        kept.entries.add(new Histories.Entry(point(publication.number()), now, publication.exclude(), true,
                publication.message()));
        kept.last = publication.number();
        kept.writtenMillis = now;
        kept.untilMillis = now + rule.ageMillis();
        newest = Math.max(newest, publication.number());
        count(kept, size(publication.message()));
        trim(kept, rule, now);
        expire(now);
    }

    private HistoryPoint point(long number) {
        return new HistoryPoint(0, number, node, number);
    }

    private static long size(byte[] message) {
        return message.length + ENTRY_OVERHEAD;
    }

    private void count(Kept kept, long change) {
        kept.bytes += change;
        bytes += change;
    }

    private void removeFirst(Kept kept) {
        Histories.Entry first = kept.entries.removeFirst();
        kept.lost = first.point().number();
        count(kept, -size(first.message()));
    }

    private void trim(Kept kept, Histories.Rule rule, long now) {
        long old = now - rule.ageMillis();
        while (kept.entries.size() > rule.count()
                || (!kept.entries.isEmpty() && kept.entries.getFirst().millis() <= old)
                || (kept.entries.size() > 1 && kept.bytes > rule.bytes())) {
            removeFirst(kept);
        }
    }

    /** From the channel written longest ago on; stops at the first that has to stay. */
    private void expire(long now) {
        Iterator<Map.Entry<ChannelId, Kept>> oldest = channels.entrySet().iterator();
        while (oldest.hasNext()) {
            Kept kept = oldest.next().getValue();
            if (kept.writtenMillis <= now - MEMORY_MILLIS || channels.size() > MAX_CHANNELS) {
                clear(kept);
                forgotten = Math.max(forgotten, kept.last);
                oldest.remove();
            } else if (kept.untilMillis <= now || bytes > MAX_BYTES) {
                clear(kept);
            } else {
                break;
            }
        }
    }

    private void clear(Kept kept) {
        while (!kept.entries.isEmpty()) {
            removeFirst(kept);
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
        if (kept != null) {
            trim(kept, question.rule(), System.currentTimeMillis());
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
