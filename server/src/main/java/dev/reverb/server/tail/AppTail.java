package dev.reverb.server.tail;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Who reads along with one application on this node. Any thread. */
public final class AppTail {

    private static final Tail[] NONE = {};

    /** Replaced, never changed, so that {@link #on} is one read. */
    private volatile Tail[] readers = NONE;

    /** Whether anybody reads; when not, do not even make a {@link #line}. */
    public boolean on() {
        return readers.length > 0;
    }

    /**
     * Hands a line to the readers that want it and have room for it. Returns at once.
     *
     * @param channel what the line is about; null when it concerns no channel
     * @param text makes it, once, if anybody takes it
     */
    public void line(@Nullable String channel, Supplier<String> text) {
        line(channel == null ? List.of() : List.of(channel), text);
    }

    /** The same about several channels. */
    void line(List<String> channels, Supplier<String> text) {
        String line = null;
        for (Tail reader : readers) {
            if (reader.wants(channels) && reader.room()) {
                line = line == null ? Tail.shown(text.get()) : line;
                reader.add(line);
            }
        }
    }

    /** Adds a reader, unless there are {@code most} of them; whether it did. */
    synchronized boolean add(Tail reader, int most) {
        if (readers.length >= most) {
            return false;
        }
        List<Tail> more = new ArrayList<>(List.of(readers));
        more.add(reader);
        readers = more.toArray(NONE);
        return true;
    }

    /** Removes a reader; whether it was one. */
    synchronized boolean remove(Tail reader) {
        List<Tail> rest = new ArrayList<>(List.of(readers));
        boolean removed = rest.remove(reader);
        readers = rest.toArray(NONE);
        return removed;
    }
}
