package dev.reverb.server.channel;

import dev.reverb.model.App;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.SharedState.Admission;
import dev.reverb.server.cluster.Webhooks.Outbox;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.listener.DebugStream;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.resume.ChannelHistory;
import dev.reverb.server.resume.Keeping;
import dev.reverb.server.resume.Residue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A channel as this node knows it: which loops have subscribers, who is a member, what was published last. Everything
 * but
 * {@link #parts} is guarded by the channel's monitor, which is never held across I/O or a call into the cluster that
 * could
 * take another channel's.
 */
final class SharedChannel {

    private static final LoopChannel[] NONE = {};
    /** After this time the log no longer reaches an event: the link is down, or what was written was lost. */
    private static final long AHEAD_NANOS = 30_000_000_000L;

    final AppChannels app;
    final String name;
    final ChannelId id;
    final ChannelKind kind;

    /** Loops with subscribers; replaced, never changed, so that fan-out reads it without a lock. */
    volatile LoopChannel[] parts = NONE;

    /** Connections subscribed or waiting to be. */
    int subscriptions;
    /** Members whose connection was sent to another node a moment ago. */
    int lingering;
    /** Whether events of other nodes arrive. */
    boolean attached;
    /** Whether it left the directory; whoever finds this set looks again. */
    boolean gone;
    /** Subscriptions that wait for {@link #attached}, or for the answer whether there is room for a member. */
    List<Subscription> waiting = List.of();
    final @Nullable PresenceView members;
    /** Guarded by its lock, {@link Resumptions#lock}; null where the channel keeps nothing. */
    final @Nullable ChannelHistory history;
    /** The number of its attach. */
    long attachment;
    private @Nullable SubscriptionCount count;
    private byte @Nullable [] cached;
    private long cachedUntilMillis;
    /** This node's last cached event, until the log has reached it; those of other nodes stand before it. */
    private byte @Nullable [] ahead;
    private long aheadSinceNanos;

    SharedChannel(AppChannels app, String name) {
        this.app = app;
        this.name = name;
        id = new ChannelId(app.id(), name);
        kind = ChannelKind.of(name);
        members = kind.presence() ? new PresenceView() : null;
        App configured = app.app();
        KeepRule rule = configured == null ? null : Keeping.of(configured, name);
        history = rule == null ? null : new ChannelHistory(rule);
    }

    /** Whether the application allows no further member like {@code member}. */
    boolean full(@Nullable PresenceMember member) {
        if (members == null || member == null) {
            return false;
        }
        OptionalInt max = max();
        return max.isPresent() && members.size() >= max.getAsInt() && !members.contains(member.userId());
    }

    private OptionalInt max() {
        App configured = app.app();
        return configured == null ? OptionalInt.empty() : configured.maxPresenceMembers();
    }

    /** Whether the application limits members, and {@code member} has no connection here yet. Under the monitor. */
    boolean limits(@Nullable PresenceMember member) {
        return members != null && member != null && max().isPresent() && !members.isHere(member.userId());
    }

    /**
     * Asks the cluster whether there is room for the member of {@code subscription}, which has one. Under the monitor.
     */
    void ask(Subscription subscription, Cluster cluster, Predicate<Admission> decided) {
        PresenceMember member = Objects.requireNonNull(subscription.member());
        await(subscription);
        cluster.state()
                .admit(id, new Member(cluster.node(), member.userId(), member.channelData()),
                        max().orElse(Integer.MAX_VALUE), decided);
    }

    /** Whether {@code subscription} begins now; if not, it has ended, or is refused. Under the monitor. */
    boolean admits(Subscription subscription, Admission answer) {
        if (!waiting.remove(subscription)) {
            return false;
        }
        // with the link down, members on other nodes count as they were known last
        if (answer == Admission.REFUSED || (answer == Admission.UNKNOWN && full(subscription.member()))) {
            Recipient recipient = subscription.recipient;
            var _ = recipient.loop().execute(() -> recipient.refused(subscription));
            return false;
        }
        return true;
    }

    /** Tells all but {@code exclude} of a member. */
    void tellAdded(PresenceMember member, long exclude) {
        deliver(Messages.internal("pusher_internal:member_added", name, member.channelData()), exclude,
                System.nanoTime());
    }

    /** Tells that a member left. */
    void tellRemoved(PresenceMember member) {
        deliver(Messages.internal("pusher_internal:member_removed", name, member.removedData()), 0, System.nanoTime());
    }

    /** A connection with the id {@code socketId} is {@code member}; null for none. Under the monitor. */
    void join(@Nullable PresenceMember member, Cluster cluster, long socketId) {
        if (members == null || member == null) {
            return;
        }
        PresenceView.Change change = members.join(member);
        if (change.node()) {
            cluster.state().join(id, new Member(cluster.node(), member.userId(), change.member().channelData()));
        }
        if (change.visible()) {
            tellAdded(member, socketId);
        }
    }

    /** Undoes one {@link #join}. */
    void leave(@Nullable PresenceMember member, Cluster cluster) {
        if (members == null || member == null) {
            return;
        }
        PresenceView.Change change = members.leave(member.userId());
        if (change.node()) {
            cluster.state().leave(id, member.userId());
        }
        if (change.visible()) {
            tellRemoved(change.member());
        }
    }

    /** Another node has {@code member}. */
    void joinOn(Member member) {
        PresenceMember visible = members == null ? null : members.joinOn(member);
        if (visible != null) {
            tellAdded(visible, 0);
        }
    }

    /** Another node no longer has the user. */
    void leaveOn(String node, String userId) {
        PresenceMember left = members == null ? null : members.leaveOn(node, userId);
        if (left != null) {
            tellRemoved(left);
        }
    }

    /** Asks for the events of other nodes, and finds out where its history ends; under its locks. */
    void attach(Cluster cluster, long number) {
        attachment = number;
        HistoryPoint end = history == null ? null : cluster.histories().follow(id);
        if (history != null && end != null) {
            history.adopt(end, Map.of());
        }
        cluster.broker().attach(id, number);
    }

    /** Takes what the cluster knows of it; differences become events. */
    void adopt(ChannelState state) {
        if (members != null) {
            List<PresenceMember> added = new ArrayList<>();
            List<PresenceMember> removed = new ArrayList<>();
            members.resync(state.members(), added, removed);
            removed.forEach(this::tellRemoved);
            added.forEach(member -> tellAdded(member, 0));
        }
        if (history != null && state.history() != null) {
            history.adopt(state.history(), state.numbers());
        }
        adoptCache(state);
        counted(state.subscriptions());
    }

    /** Leaves the directory where nobody is subscribed and nobody lingers; whether it did. Under the monitor. */
    boolean endIfUnused(Cluster cluster) {
        boolean last = subscriptions + lingering == 0;
        // a successor is made only when this has left the directory, so its attach comes after this detach
        if (last) {
            gone = true;
            cluster.broker().detach(id);
            app.channels.remove(name, this);
        }
        return last;
    }

    /** Whether subscribers receive the number of all subscribers. */
    boolean announcesCount() {
        if (members != null) {
            return false; // they know it from the members
        }
        App configured = app.app();
        return configured != null && configured.subscriptionCountEvents();
    }

    /** All nodes together have {@code total} subscriptions: sends it to this node's, now or later. */
    void counted(int total) {
        if (total == 0 || gone || !announcesCount()) {
            return;
        }
        SubscriptionCount counter = count == null ? new SubscriptionCount() : count;
        count = counter;
        long wait = counter.changed(total, System.nanoTime());
        LoopChannel[] here = parts;
        if (wait > 0 && here.length > 0) {
            here[0].loop.later(this::countDue, Duration.ofNanos(wait));
        } else if (wait == 0) {
            deliver(Messages.subscriptionCount(name, total), 0, System.nanoTime());
        }
    }

    private synchronized void countDue() {
        if (count != null && count.due(System.nanoTime()) == 0 && !gone && announcesCount()) {
            deliver(Messages.subscriptionCount(name, count.total()), 0, System.nanoTime());
        }
    }

    /** What a new subscriber is sent first: it is subscribed, the members, the cached event, the number of all. */
    byte[][] greeting(boolean withEvent, Outbox outbox) {
        List<byte[]> greeting = new ArrayList<>(3);
        greeting.add(members == null ? Messages.subscribed(name) : members.greeting(name));
        if (kind.cache() && withEvent) {
            byte[] event = cachedNow();
            if (event == null && outbox.wants(id.app(), WebhookEvent.Type.CACHE_MISS)) {
                outbox.append(id, WebhookEvent.Type.CACHE_MISS, "");
            }
            greeting.add(event == null ? Messages.cacheMiss(name) : event);
        }
        if (count != null && announcesCount()) {
            greeting.add(Messages.subscriptionCount(name, count.total()));
        }
        return greeting.toArray(byte[][]::new);
    }

    /** The part of {@code loop}, made when absent, with one more registered. */
    LoopChannel register(LoopChannels loop, boolean positioned) {
        for (LoopChannel part : parts) {
            if (part.loop == loop && part.positioned == positioned && part.residue == null) {
                part.registered++;
                return part;
            }
        }
        return add(new LoopChannel(this, loop, positioned, null));
    }

    /** A part for one subscriber of {@code loop}, registered. */
    LoopChannel register(LoopChannels loop, Residue residue) {
        return add(new LoopChannel(this, loop, true, residue));
    }

    private LoopChannel add(LoopChannel part) {
        part.registered = 1;
        LoopChannel[] more = Arrays.copyOf(parts, parts.length + 1);
        more[parts.length] = part;
        parts = more;
        return part;
    }

    /** Undoes one {@link #register}. */
    void unregister(LoopChannel part) {
        if (--part.registered > 0) {
            return;
        }
        List<LoopChannel> rest = new ArrayList<>(Arrays.asList(parts));
        rest.remove(part);
        parts = rest.toArray(NONE);
    }

    void await(Subscription subscription) {
        if (waiting.isEmpty()) {
            waiting = new ArrayList<>(2);
        }
        waiting.add(subscription);
    }

    /** Those that wait, who wait no more. */
    List<Subscription> takeWaiting() {
        List<Subscription> all = waiting;
        waiting = List.of();
        return all;
    }

    /** Undoes {@link #await}, if it has not begun or been refused meanwhile. */
    void abandon(Subscription subscription) {
        if (!waiting.isEmpty()) {
            waiting.remove(subscription);
        }
    }

    /** Puts a message into the inbox of every loop with subscribers. */
    void deliver(byte[] message, long exclude, long startNanos) {
        if (app.tail().on()) {
            note(message, exclude);
        }
        for (LoopChannel part : parts) {
            part.loop.deliver(new Delivery(part, message, exclude, startNanos));
        }
    }

    /** Says who reads along how many connections a message is for. */
    void note(byte[] message, long exclude) {
        int connections = 0;
        for (LoopChannel part : parts) {
            connections += part.registered;
        }
        String receivers = connections == 0 ? "nobody here"
                : connections == 1 ? "1 connection" : connections + " connections";
        app.tail()
                .line(name,
                        () -> name + " to " + receivers + (exclude == 0 ? "" : ", without " + SocketId.format(exclude))
                                + " > " + DebugStream.mask(new String(message, StandardCharsets.UTF_8)));
    }

    /**
     * Takes a publication as the cached event, in the order of the log: behind this node's own there are none of others
     * until the log has reached it.
     *
     * @param own whether this node published it
     * @param nowNanos {@link System#nanoTime}
     */
    void cache(Publication publication, boolean own, long nowNanos) {
        if (own) {
            ahead = attached ? publication.message() : null;
            aheadSinceNanos = nowNanos;
        } else if (isAhead(nowNanos)) {
            return;
        }
        cached = publication.message();
        cachedUntilMillis = System.currentTimeMillis() + publication.cacheMillis();
    }

    /** The log has reached a cached event of this node. */
    void reached(Publication publication) {
        if (!isAhead(System.nanoTime()) || Arrays.equals(ahead, publication.message())) {
            ahead = null;
            cached = publication.message();
            cachedUntilMillis = System.currentTimeMillis() + publication.cacheMillis();
        }
    }

    private boolean isAhead(long nowNanos) {
        return ahead != null && nowNanos - aheadSinceNanos < AHEAD_NANOS;
    }

    /** Takes the cached event as the cluster knows it. */
    private void adoptCache(ChannelState state) {
        if (kind.cache() && state.cached() != null && !isAhead(System.nanoTime())) {
            cached = state.cached();
            cachedUntilMillis = state.cachedUntilMillis();
        }
    }

    /** The cached event, unless it has expired. */
    byte @Nullable [] cachedNow() {
        return cached != null && System.currentTimeMillis() < cachedUntilMillis ? cached : null;
    }
}
