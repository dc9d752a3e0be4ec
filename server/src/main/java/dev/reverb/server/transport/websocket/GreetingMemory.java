package dev.reverb.server.transport.websocket;

import io.netty.util.internal.PlatformDependent;
import java.util.LinkedHashMap;

/**
 * What the long greetings of one loop that their peers have not taken may hold together: each is made for one peer, and
 * a few bytes ask for it. The peer that has taken longest is cut off when there is no more room, so that the next one
 * gets its greeting. Loop thread only.
 */
final class GreetingMemory {

    /** Of the memory outside the heap, for all loops together. */
    private static final int PART = 4;

    private final long most;
    /** Bytes of each, the oldest first. */
    private final LinkedHashMap<GreetedWebSocket, Long> held = new LinkedHashMap<>();
    private long bytes;

    /** @param loops that share the memory */
    static GreetingMemory of(int loops) {
        return new GreetingMemory(PlatformDependent.maxDirectMemory() / PART / loops);
    }

    /** @param most bytes; a greeting that is alone may have more */
    GreetingMemory(long most) {
        this.most = most;
    }

    /** {@code peer} has a greeting of {@code size} bytes to take. */
    void hold(GreetedWebSocket peer, long size) {
        while (bytes + size > most && !held.isEmpty()) {
            GreetedWebSocket oldest = held.firstEntry().getKey();
            oldest.channel().flush(); // it may have been written in this turn, and taken now
            if (held.containsKey(oldest)) {
                release(oldest);
                oldest.cutOff();
            }
        }
        bytes += size;
        held.merge(peer, size, Long::sum);
    }

    /** {@code peer} has taken all that it had to take, or is gone. */
    void release(GreetedWebSocket peer) {
        Long size = held.remove(peer);
        if (size != null) {
            bytes -= size;
        }
    }
}
