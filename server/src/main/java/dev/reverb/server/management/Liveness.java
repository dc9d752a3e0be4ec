package dev.reverb.server.management;

import dev.reverb.server.protocol.Signer;
import dev.reverb.server.transport.Transport;
import dev.reverb.server.transport.websocket.LoopConnections;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether this process can still do its work: every event loop ticks, and signatures can be computed. What only a new
 * process mends is a reason; what others mend, Redis for example, is none. Any thread; costs one signature.
 */
final class Liveness {

    /** Far beyond what a collection of the heap, or a frozen machine, takes. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    private final Transport transport;
    private final Duration silence;

    /** @param silence how long a loop that works may not tick */
    Liveness(Transport transport, Duration silence) {
        this.transport = transport;
        this.silence = silence;
    }

    /** Why this process should be replaced; empty when it works. */
    Optional<String> problem() {
        long now = System.nanoTime();
        List<LoopConnections> loops = transport.loops();
        for (int i = 0; i < loops.size(); i++) {
            long silent = now - loops.get(i).loop().tickedNanos();
            if (silent > silence.toNanos()) {
                return Optional.of("event loop " + i + " has not run for " + silent / 1_000_000_000 + " s");
            }
        }
        try {
            new Signer("livez").sign("livez");
        } catch (Throwable broken) { // a class that could not be initialised stays so for ever
            return Optional.of("signatures cannot be computed: " + broken);
        }
        return Optional.empty();
    }
}
