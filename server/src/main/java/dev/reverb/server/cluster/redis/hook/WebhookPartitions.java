package dev.reverb.server.cluster.redis.hook;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Link;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;

/**
 * Which partitions' events this node sends. All live nodes share the partitions out by the same rule, each by what it
 * knows of the others; that two take one for a moment is prevented by a lease in the partition. Where no application
 * has webhooks nothing is asked of Redis. Cluster thread only.
 */
public final class WebhookPartitions {

    /** First byte of a message that names partitions in which something waits; no id of an entry begins so. */
    public static final byte MARK = 'W';

    private static final Duration GATHERING = Duration.ofMillis(20);

    private final ClusterNode node;
    private final Link link;
    private final Supplier<List<String>> live;
    private final WaitingEvents[] partitions = new WaitingEvents[Keyspace.CHANNEL_PARTITIONS];
    private final BitSet told = new BitSet();
    private boolean telling;

    /** @param live owners with live leases, this node's among them */
    public WebhookPartitions(ClusterNode node, Link link, Supplier<List<String>> live) {
        this.node = node;
        this.link = link;
        this.live = live;
        for (int p = 0; p < partitions.length; p++) {
            partitions[p] = new WaitingEvents(p, node, link);
        }
    }

    /** At every heartbeat: prolongs what this node has, and finds what no message named. */
    public void beat() {
        boolean any = node.webhooks().served().any();
        for (int p = 0; p < partitions.length; p++) {
            if (any && mine(p)) {
                partitions[p].take();
            } else {
                partitions[p].release();
            }
        }
    }

    /** The link is back. */
    public void linkUp() {
        for (WaitingEvents partition : partitions) {
            partition.linkUp();
        }
    }

    /** Leaves what there is to the others. */
    public void release() {
        for (WaitingEvents partition : partitions) {
            partition.abandon();
        }
    }

    /** This node wrote something; the node that sends it receives a message, with what else there is in a moment. */
    public void written(int partition) {
        if (mine(partition)) {
            partitions[partition].take();
            return;
        }
        told.set(partition);
        if (!telling) {
            telling = true;
            node.scheduler().schedule(this::tell, GATHERING);
        }
    }

    private void tell() {
        telling = false;
        byte[] set = told.toByteArray();
        told.clear();
        byte[] message = new byte[1 + set.length];
        message[0] = MARK;
        System.arraycopy(set, 0, message, 1, set.length);
        link.send(new Command.Publish(node.keys().topic(Keyspace.CONTROL), message), (_, _) -> {});
    }

    /** A message of {@link #tell}. */
    public void onMessage(byte[] message) {
        if (!node.webhooks().served().any()) {
            return;
        }
        BitSet set = BitSet.valueOf(Arrays.copyOfRange(message, 1, Math.min(message.length, 1 + 32)));
        for (int p = set.nextSetBit(0); p >= 0; p = set.nextSetBit(p + 1)) {
            if (mine(p)) {
                partitions[p].take();
            }
        }
    }

    /** Rendezvous hashing: a node that comes or goes moves its own share and nothing else. */
    private boolean mine(int partition) {
        String own = node.identity().owner();
        long best = weight(own, partition);
        for (String other : live.get()) {
            if (!node.identity().owns(other) && weight(other, partition) > best) {
                return false;
            }
        }
        return true;
    }

    /** By the node's id, without its epoch. */
    private static long weight(String owner, int partition) {
        int dot = owner.indexOf('.');
        long h = (dot < 0 ? owner : owner.substring(0, dot)).hashCode() * 0x9e3779b97f4a7c15L + partition;
        h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
        h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
        return h ^ (h >>> 31);
    }
}
