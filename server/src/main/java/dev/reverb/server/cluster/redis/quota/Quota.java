package dev.reverb.server.cluster.redis.quota;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.fault.RedisErrorException;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Connections of one application. Each message to Redis carries how many this node has, not how many came and went, so
 * that sending it twice or late does no harm; those that need permission ask with the same message. One message is
 * under way at a time. With the link down the last known total decides. Cluster thread only.
 */
public final class Quota {

    /**
     * Failures in a row, a tenth of a second apart, after which a link that counts as up is not believed: a slot on
     * the move.
     */
    private static final int MAX_FAILURES = 20;

    private final String app;
    private final ClusterNode node;
    private final Link link;
    private final Duration gather;
    private final IntConsumer totalKnown;
    private final Consumer<String> leaseLost;
    private final byte[][] keys;
    /** Whether Redis has this application among those with a quota. */
    private boolean registered;

    private final ArrayDeque<Consumer<Boolean>> asking = new ArrayDeque<>();
    private int limit;
    private int mine;
    private int reported;
    private int total;
    private long version;
    private boolean sending;
    private boolean scheduled;
    private boolean changed;
    private int failures;

    Quota(String app, ClusterNode node, Link link, Duration gather, IntConsumer totalKnown,
            Consumer<String> leaseLost) {
        this.app = app;
        this.node = node;
        this.link = link;
        this.gather = gather;
        this.totalKnown = totalKnown;
        this.leaseLost = leaseLost;
        this.keys = new byte[][]{node.keys().quota(app)};
    }

    public void ask(int limit, Consumer<Boolean> decided) {
        this.limit = limit;
        asking.add(decided);
        if (!link.up()) {
            decideAlone();
        } else {
            schedule(Duration.ZERO);
        }
    }

    public void admitted() {
        mine++;
        changed = true;
        schedule(gather);
    }

    public void left() {
        mine = Math.max(0, mine - 1);
        changed = true;
        schedule(gather);
    }

    /** Sends the whole count again. */
    void sendAgain() {
        registered = false;
        changed = true;
        schedule(Duration.ZERO);
    }

    /** Nobody else can be asked now. */
    void decideAlone() {
        while (!asking.isEmpty()) {
            boolean fits = total - reported + mine < limit;
            if (fits) {
                mine++;
                changed = true;
            }
            asking.removeFirst().accept(fits);
        }
    }

    private void schedule(Duration delay) {
        if (scheduled || sending) {
            return;
        }
        scheduled = true;
        if (delay.isZero()) {
            node.scheduler().execute(this::send);
        } else {
            node.scheduler().schedule(this::send, delay);
        }
    }

    private boolean lasts(RedisError error) {
        if (error.refusal()) {
            node.refusals().refused("connections of application " + app, error);
        }
        return error.refusal() && error.fault().lasting();
    }

    private void send() {
        scheduled = false;
        if (sending || (!changed && asking.isEmpty())) {
            return;
        }
        if (!link.up()) {
            decideAlone();
            return;
        }
        if (!registered) {
            link.send(new Command.AddMember(node.keys().apps(), Keyspace.bytes(app)),
                    (added, _) -> registered |= added != null);
        }
        sending = true;
        changed = false;
        List<Consumer<Boolean>> asked = new ArrayList<>(asking);
        asking.clear();
        int have = mine;
        String owner = node.identity().owner();
        byte[][] arguments = {node.identity().ownerBytes(), Keyspace.bytes(++version), Keyspace.bytes(have),
                Keyspace.bytes(asked.size()), Keyspace.bytes(limit), new byte[0]};
        link.run(Script.QUOTA, keys, arguments, (reply, e) -> {
            sending = false;
            if (reply == null) {
                askAgain(asked);
                boolean lasts = link.up() && e instanceof RedisErrorException refusal && lasts(refusal.error());
                if (!link.up() || ++failures >= MAX_FAILURES || lasts) {
                    decideAlone();
                }
                schedule(Duration.ofMillis(failures < MAX_FAILURES ? 100 : 2_000));
                return;
            }
            if (failures > 0) {
                node.refusals().served("connections of application " + app);
            }
            failures = 0;
            int admitted = ((Long) reply.getFirst()).intValue();
            if (admitted < 0) {
                askAgain(asked);
                leaseLost.accept(owner);
                schedule(gather);
                return;
            }
            mine += admitted;
            reported = have + admitted;
            total = ((Long) reply.get(1)).intValue();
            totalKnown.accept(total);
            for (int i = 0; i < asked.size(); i++) {
                asked.get(i).accept(i < admitted);
            }
            if (changed || !asking.isEmpty()) {
                schedule(asking.isEmpty() ? gather : Duration.ZERO);
            }
        });
    }

    private void askAgain(List<Consumer<Boolean>> asked) {
        changed = true;
        asked.reversed().forEach(asking::addFirst);
    }
}
