package dev.reverb.server.cluster.memory;

import dev.reverb.server.cluster.message.ChannelId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Last events of cache channels, each until it expires. Bounded by bytes: beyond {@value #MAX_BYTES} the event written
 * longest ago goes first, so that names invented by a back end cannot fill the heap. Any thread; held for a map
 * look-up.
 */
final class EventCache {

    /** Bytes of all events together. */
    static final long MAX_BYTES = 64L << 20;
    private static final long ENTRY_OVERHEAD = 200;

    /**
     * A kept event.
     *
     * @param message as clients receive it
     * @param untilMillis when it expires, epoch milliseconds
     */
    record Entry(byte[] message, long untilMillis) {}

    private final LinkedHashMap<ChannelId, Entry> entries = new LinkedHashMap<>();
    private long bytes;

    synchronized void put(ChannelId channel, byte[] message, long ttlMillis) {
        long now = System.currentTimeMillis();
        Entry old = entries.remove(channel);
        bytes -= old == null ? 0 : size(channel, old);
        Entry entry = new Entry(message, now + ttlMillis);
        entries.put(channel, entry);
        bytes += size(channel, entry);
        var oldest = entries.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<ChannelId, Entry> next = oldest.next();
            if (bytes <= MAX_BYTES && next.getValue().untilMillis() > now) {
                break;
            }
            bytes -= size(next.getKey(), next.getValue());
            oldest.remove();
        }
    }

    synchronized @Nullable Entry get(ChannelId channel) {
        Entry entry = entries.get(channel);
        return entry != null && entry.untilMillis() > System.currentTimeMillis() ? entry : null;
    }

    private static long size(ChannelId channel, Entry entry) {
        return ENTRY_OVERHEAD + channel.name().length() + entry.message().length;
    }
}
