package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Control;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Nodes that are to restart do so one at a time: a node has its turn until its lease ends, which is when it has drained
 * and stopped. Loop only.
 */
final class Turn {

    private final LocalNode node;
    private final Link link;
    private final Consumer<Control> act;
    private final Set<String> waiting = new HashSet<>();

    Turn(LocalNode node, Link link, Consumer<Control> act) {
        this.node = node;
        this.link = link;
        this.act = act;
    }

    /** This node restarts now, the others when it is gone. */
    void takeThen(Runnable tellOthers) {
        run(mine -> tellOthers.run());
    }

    /** This node restarts when it is its turn. */
    void await(Control.Restart restart) {
        if (waiting.add(restart.requestId())) {
            attempt(restart);
        }
    }

    private void attempt(Control.Restart restart) {
        run(mine -> {
            if (mine) {
                act.accept(restart);
            } else {
                var _ = node.loop.schedule(() -> attempt(restart), node.timing.beat().dividedBy(2));
            }
        });
    }

    private void run(Consumer<Boolean> done) {
        byte[][] keys = {node.keys.turn(), node.keys.leases()};
        link.run(Script.TURN, keys, new byte[][]{node.ownerBytes()}, (reply, e) -> done.accept(
                reply != null && (Long) reply.getFirst() == 1));
    }
}
