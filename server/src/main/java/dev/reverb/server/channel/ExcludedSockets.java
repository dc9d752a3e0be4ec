package dev.reverb.server.channel;

import java.util.Arrays;

/** Packed ids of the connections that a merged write leaves out; reused, so that filling it allocates nothing. */
final class ExcludedSockets {

    private long[] ids = new long[16];
    private int size;

    void clear() {
        size = 0;
    }

    void add(long id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size * 2);
        }
        ids[size++] = id;
    }

    boolean contains(long id) {
        for (int i = 0; i < size; i++) {
            if (ids[i] == id) {
                return true;
            }
        }
        return false;
    }
}
