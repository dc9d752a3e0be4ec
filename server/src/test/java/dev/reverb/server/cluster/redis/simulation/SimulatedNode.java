package dev.reverb.server.cluster.redis.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.SharedState.Admission;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.ClusterRuntime;
import dev.reverb.server.cluster.redis.RedisCluster;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.config.ScalingConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A node: the real cluster core on simulated ground, what its clients did, and what they would have seen. */
final class SimulatedNode implements ClusterEvents {

    /** Users of a channel that limits them. */
    private static final int MOST = 2;

    /** One stay of subscribers in a channel. */
    static final class Attachment {
        final long number;
        /** When the answer to the attach came; -1 before. */
        long since = -1;
        final List<String> received = new ArrayList<>();

        Attachment(long number) {
            this.number = number;
        }
    }

    /** A publication that this node accepted. */
    static final class Sent {
        final SimulatedNode by;
        final ChannelId channel;
        final int number;
        final long acceptedAt;
        boolean acknowledged;
        /** Whether it was in Redis when it was acknowledged, so far as the node knew. */
        boolean written;

        Sent(SimulatedNode by, ChannelId channel, int number, long acceptedAt) {
            this.by = by;
            this.channel = channel;
            this.number = number;
            this.acceptedAt = acceptedAt;
        }

        String text() {
            return by.name + "#" + number;
        }
    }

    final String name;
    final NodeThread thread;
    final RedisCluster cluster;
    private final World world;
    private @Nullable SimulatedLink made;
    boolean alive = true;
    final Map<ChannelId, Attachment> attachments = new LinkedHashMap<>();
    final Map<ChannelId, Set<String>> members = new LinkedHashMap<>();
    final Map<ChannelId, Integer> counts = new LinkedHashMap<>();
    final Map<ChannelId, Integer> numbers = new LinkedHashMap<>();
    /** Channel → who is there on other nodes: {@code node/user}. */
    final Map<ChannelId, Set<String>> views = new LinkedHashMap<>();
    final List<Sent> sent = new ArrayList<>();
    /** Who waits for the answer whether there is room: channel and user. */
    private final Set<String> asking = new TreeSet<>();
    int connections;
    private long attachCounter;

    SimulatedNode(World world, RedisModel redis, ScalingConfig config, String name, int doubleEvery) {
        this.world = world;
        this.name = name;
        thread = new NodeThread(world);
        SplittableRandom random = world.random.split();
        cluster = RedisCluster.start(config, this, () -> 0, Balance.NONE, MemoryLimits.ofHeap(),
                new ClusterRuntime(thread, thread, random, (_, node, listener) -> {
                    made = new SimulatedLink(world, redis, thread, node, listener);
                    made.doubleEvery = doubleEvery;
                    return made;
                }, () -> {}));
    }

    SimulatedLink link() {
        return Objects.requireNonNull(made);
    }

    void attach(ChannelId channel) {
        if (!attachments.containsKey(channel)) {
            Attachment attachment = new Attachment(++attachCounter);
            attachments.put(channel, attachment);
            views.put(channel, new TreeSet<>());
            cluster.broker().attach(channel, attachment.number);
        }
    }

    void detach(ChannelId channel) {
        if (attachments.remove(channel) != null) {
            views.remove(channel);
            cluster.broker().detach(channel);
        }
    }

    void publish(ChannelId channel) {
        int number = numbers.getOrDefault(channel, 0) + 1;
        Sent publication = new Sent(this, channel, number, world.nanos());
        boolean accepted = cluster.broker()
                .publish(List.of(Publication.of(channel, publication.text().getBytes(UTF_8))), () -> {
                    publication.acknowledged = true;
                    publication.written = cluster.linkUp();
                });
        if (accepted) {
            numbers.put(channel, number);
            sent.add(publication);
        }
    }

    void join(ChannelId channel, String user) {
        Member member = new Member(cluster.node(), user, ("{\"user_id\":\"" + user + "\"}").getBytes(UTF_8));
        Set<String> here = members.computeIfAbsent(channel, _ -> new TreeSet<>());
        if (here.contains(user)) {
            return;
        }
        if (channel.hashCode() % 2 == 0) {
            here.add(user);
            cluster.state().join(channel, member);
        } else if (asking.add(channel.name() + user)) {
            cluster.state().admit(channel, member, MOST, answer -> {
                if (!asking.remove(channel.name() + user) || answer == Admission.REFUSED) {
                    return false;
                }
                here.add(user);
                cluster.state().join(channel, member);
                return true;
            });
        }
    }

    void leave(ChannelId channel, String user) {
        if (!asking.remove(channel.name() + user) && members.getOrDefault(channel, Set.of()).contains(user)) {
            Objects.requireNonNull(members.get(channel)).remove(user);
            cluster.state().leave(channel, user);
        }
    }

    void count(ChannelId channel, int subscriptions) {
        counts.put(channel, subscriptions);
        cluster.state().count(channel, subscriptions, false);
    }

    void connect(int limit) {
        cluster.state().connect("app", limit, admitted -> {
            if (admitted && alive) {
                connections++;
            }
        });
    }

    void disconnect() {
        if (connections > 0) {
            connections--;
            cluster.state().disconnect("app");
        }
    }

    void crash() {
        alive = false;
        thread.crash();
        link().crash();
    }

    /** What was accepted and not yet written; bytes. */
    long held() {
        return cluster.meters().orElseThrow().heldBytes();
    }

    @Override
    public void onAttached(ChannelId channel, long attachment, ChannelState state) {
        Attachment now = attachments.get(channel);
        if (now != null && now.number == attachment) {
            if (now.since >= 0) {
                world.fault(name + " was attached to " + channel + " twice");
            }
            now.since = world.nanos();
            adopt(channel, state);
        }
    }

    @Override
    public void onResync(ChannelId channel, ChannelState state) {
        if (attachments.containsKey(channel)) {
            adopt(channel, state);
        }
    }

    private void adopt(ChannelId channel, ChannelState state) {
        Set<String> view = new TreeSet<>();
        state.members().forEach(member -> view.add(member.node() + "/" + member.userId()));
        views.put(channel, view);
    }

    @Override
    public void onPublication(Publication publication) {
        Attachment now = attachments.get(publication.channel());
        if (now != null) {
            now.received.add(new String(publication.message(), UTF_8));
        }
    }

    @Override
    public void onKept(Publication publication, HistoryPoint point) {
        onPublication(publication);
    }

    @Override
    public void onReached(ChannelId channel, HistoryPoint point) {}

    @Override
    public void onCached(Publication publication) {}

    @Override
    public void onCounted(ChannelId channel, int total) {}

    @Override
    public void onJoin(ChannelId channel, Member member) {
        Set<String> view = views.get(channel);
        if (view != null) {
            view.add(member.node() + "/" + member.userId());
        }
    }

    @Override
    public void onLeave(ChannelId channel, String node, String userId) {
        Set<String> view = views.get(channel);
        if (view != null) {
            view.remove(node + "/" + userId);
        }
    }

    @Override
    public void onControl(Control control) {}

    @Override
    public String toString() {
        return name;
    }
}
