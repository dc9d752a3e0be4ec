package dev.reverb.server.cluster.redis.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Backlog;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A node: the real cluster core on simulated ground, what its clients did, and what they would have seen. */
final class SimulatedNode implements ClusterEvents {

    /** Users of a channel that limits them. */
    private static final int MOST = 2;
    /** What waits for others for longer is answered as held. */
    private static final long HELD_NANOS = 9_000_000_000L;
    private static final long HOUR = 3_600_000;

    /** One stay of subscribers in a channel. */
    static final class Attachment {
        final long number;
        /** When the answer to the attach came; -1 before. */
        long since = -1;
        /** Whether that answer came before the partition was read, as Redis could not be asked. */
        boolean unread;
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

    /** What this node is built with: a protection that is switched off must be missed. */
    enum Built {
        AS_IT_IS,
        /** It does not see that its clients read nothing. */
        BLIND,
        /** It does not see that its clients read again. */
        STUCK,
        /** It takes the answer to a former attach for that to the present one. */
        HASTY,
        /** Its own cached events stand from when it published them, wherever the log has them. */
        LOCAL
    }

    /** Clients that do not read leave so much waiting. */
    private static final long MUCH = 1L << 30;
    /** More of a channel is not handed over while its clients read nothing; what is read from the log at once is. */
    private static final int FEW = 20;

    final String name;
    final NodeThread thread;
    final RedisCluster cluster;
    private final World world;
    private final Built built;
    private final boolean strict;
    private final Map<ChannelId, Long> unreadUntil = new LinkedHashMap<>();
    private final Map<ChannelId, Integer> handed = new LinkedHashMap<>();
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
    /** Requests to all nodes that came here. */
    int requests;
    /** The cached event of the one channel that has some; empty for none. */
    String cached = "";
    /** This node's own, until the log has reached it. */
    private @Nullable String unreached;
    private long attachCounter;

    SimulatedNode(World world, RedisModel redis, ScalingConfig config, String name, Story story, Built built) {
        this.world = world;
        this.built = built;
        this.strict = story.lagsOnly();
        this.name = name;
        thread = new NodeThread(world);
        SplittableRandom random = world.random.split();
        cluster = RedisCluster.start(config, this, new Clients(), Balance.NONE, MemoryLimits.ofHeap(),
                new ClusterRuntime(thread, thread, random, (_, node, listener) -> {
                    made = new SimulatedLink(world, redis, thread, node, listener);
                    made.doubleEvery = story.doubleEvery();
                    made.slots = story.slots();
                    return made;
                }, () -> {}));
    }

    SimulatedLink link() {
        return Objects.requireNonNull(made);
    }

    /** What waits for this node's clients. */
    private final class Clients implements Backlog {
        private boolean waits(long until) {
            return built != Built.BLIND && (built == Built.STUCK || until > world.nanos());
        }

        @Override
        public long bytes() {
            return unreadUntil.values().stream().anyMatch(this::waits) ? MUCH : 0;
        }

        @Override
        public long unwrittenBytes() {
            return 0;
        }

        @Override
        public boolean unreadIn(Predicate<ChannelId> channels) {
            return unreadUntil.entrySet()
                    .stream()
                    .anyMatch(entry -> waits(entry.getValue()) && channels.test(entry.getKey()));
        }
    }

    /** Its clients read nothing of {@code channel} for so long. */
    void lag(ChannelId channel, long nanos) {
        handed.remove(channel);
        unreadUntil.merge(channel, world.nanos() + nanos, Math::max);
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
            unreached = channel.name().contains("-cache-") ? null : unreached;
            views.remove(channel);
            cluster.broker().detach(channel);
        }
    }

    void publish(ChannelId channel) {
        int number = numbers.getOrDefault(channel, 0) + 1;
        Sent publication = new Sent(this, channel, number, world.nanos());
        boolean cache = channel.name().contains("-cache-");
        boolean accepted = cluster.broker()
                .publish(List.of(new Publication(channel, publication.text().getBytes(UTF_8), 0, cache ? HOUR : 0)),
                        () -> {
                            publication.acknowledged = true;
                            publication.written = cluster.linkUp()
                                    && world.nanos() - publication.acceptedAt < HELD_NANOS;
                        });
        if (accepted) {
            numbers.put(channel, number);
            sent.add(publication);
            if (cache) {
                cached = publication.text();
                unreached = built == Built.LOCAL ? null : cached;
            }
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
    @SuppressWarnings("ReferenceEquality") // a state that was read may be empty too
    public void onAttached(ChannelId channel, long attachment, ChannelState state) {
        Attachment now = attachments.get(channel);
        if (now != null && (now.number == attachment || (built == Built.HASTY && now.since < 0))) {
            if (now.since >= 0) {
                world.fault(name + " was attached to " + channel + " twice");
            }
            now.since = world.nanos();
            now.unread = state == ChannelState.EMPTY;
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
        byte[] kept = state.cached();
        if (channel.name().contains("-cache-") && kept != null && unreached == null) {
            cached = new String(kept, UTF_8);
        }
        Set<String> view = new TreeSet<>();
        state.members().forEach(member -> view.add(member.node() + "/" + member.userId()));
        views.put(channel, view);
    }

    @Override
    public void onPublication(Publication publication) {
        Attachment now = attachments.get(publication.channel());
        if (now != null) {
            if (strict && unreadUntil.getOrDefault(publication.channel(), 0L) > world.nanos()
                    && handed.merge(publication.channel(), 1, Integer::sum) == FEW + 1) {
                world.fault(name + " handed more and more over though nobody reads " + publication.channel().name());
            }
            now.received.add(new String(publication.message(), UTF_8));
            if (publication.cacheMillis() > 0 && unreached == null) {
                cached = new String(publication.message(), UTF_8);
            }
        }
    }

    @Override
    public void onKept(Publication publication, HistoryPoint point) {
        onPublication(publication);
    }

    @Override
    public void onReached(ChannelId channel, HistoryPoint point) {}

    @Override
    public void onCached(Publication publication) {
        String text = new String(publication.message(), UTF_8);
        if (built == Built.LOCAL) {
            return;
        }
        if (text.equals(unreached)) {
            unreached = null;
        }
        if (unreached == null) {
            cached = text;
        }
    }

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
    public void onControl(Control control) {
        requests++;
    }

    @Override
    public String toString() {
        return name;
    }
}
