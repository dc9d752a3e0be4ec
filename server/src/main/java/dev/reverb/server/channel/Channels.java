package dev.reverb.server.channel;

import dev.reverb.model.App;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.resume.ResumeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The channels of this node: subscriptions come in from event loops, publications from anywhere, events of other nodes
 * from the cluster. See the package for what is locked and what is not.
 */
public final class Channels implements ClusterEvents {

    private final ConcurrentHashMap<String, AppChannels> apps = new ConcurrentHashMap<>();
    private final AppRegistry registry;
    private final ChannelListener listener;
    private final Consumer<Control> control;
    private final AtomicLong attachments = new AtomicLong();
    private @Nullable Cluster cluster;
    private final Resumptions resumptions = new Resumptions(this::cluster);
    private LocalBacklog backlog = new LocalBacklog(List.of(), Long.MAX_VALUE);

    /**
     * @param registry what applications are configured as
     * @param listener called for channels that come and go
     * @param control carries out what other nodes ask for
     */
    public Channels(AppRegistry registry, ChannelListener listener, Consumer<Control> control) {
        this.registry = registry;
        this.listener = listener;
        this.control = control;
    }

    /** Completes construction, once, before the first connection. */
    public void join(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Lets at most {@code most} bytes of this node's publications wait for one of {@code loops}; without, any. */
    public void bound(List<LoopChannels> loops, long most) {
        backlog = new LocalBacklog(loops, most);
    }

    private Cluster cluster() {
        if (cluster == null) {
            throw new IllegalStateException("not joined to a cluster yet");
        }
        return cluster;
    }

    /** What this node has of {@code app}. */
    public AppChannels of(App app) {
        return apps.computeIfAbsent(app.id(), id -> new AppChannels(id, registry));
    }

    /** What this node has of the application with that id, or null. */
    public @Nullable AppChannels of(String appId) {
        return apps.get(appId);
    }

    /** All applications that this node has something of. */
    public List<AppChannels> all() {
        return List.copyOf(apps.values());
    }

    /** Forgets applications that are gone, once their connections are; walks all applications. Any thread. */
    public void forgetGone() {
        apps.values().removeIf(app -> app.app() == null && app.connections() == 0 && app.channels.isEmpty());
    }

    /** How often clients got that outcome, {@code Replay.Outcome#names}. */
    public long resumes(String outcome) {
        return resumptions.outcomes(outcome);
    }

    /** Channels of that kind with subscribers on this node; walks all channels. */
    public int count(ChannelKind kind) {
        return (int) apps.values()
                .stream()
                .flatMap(app -> app.channels.values().stream())
                .filter(channel -> channel.kind == kind)
                .count();
    }

    /**
     * Subscribes {@code recipient}; {@code subscription_succeeded} follows, at the latest when the channel is attached.
     * On the recipient's loop thread.
     *
     * @return the subscription, or null when the channel has as many members as the application allows
     */
    public @Nullable Subscription subscribe(AppChannels app, String name, Recipient recipient,
            @Nullable PresenceMember member, @Nullable ResumeRequest resume) {
        while (true) {
            SharedChannel channel = app.channels.computeIfAbsent(name, n -> new SharedChannel(app, n));
            Subscription subscription = new Subscription(recipient, channel, member, resume);
            Subscription.Entry entry = resumptions.under(channel, () -> enter(channel, subscription));
            if (entry == Subscription.Entry.FIRST) {
                listener.created(app.id(), name);
            }
            if (entry != Subscription.Entry.NONE) {
                return entry == Subscription.Entry.FULL ? null : subscription;
            }
        }
    }

    /** Under the channel's monitor. */
    private Subscription.Entry enter(SharedChannel channel, Subscription subscription) {
        if (channel.gone) {
            return Subscription.Entry.NONE;
        }
        if (channel.full(subscription.member())) {
            return Subscription.Entry.FULL;
        }
        boolean first = channel.subscriptions++ + channel.lingering == 0;
        cluster().state().count(channel.id, channel.subscriptions, channel.announcesCount());
        if (channel.attached) {
            begin(channel, subscription);
        } else {
            channel.await(subscription);
        }
        if (first) { // within the monitor: an attach must not be overtaken by the detach of a predecessor
            channel.attach(cluster(), attachments.incrementAndGet());
        }
        return first ? Subscription.Entry.FIRST : Subscription.Entry.LATER;
    }

    /**
     * Under the channel's monitor: makes it a member, announces it to the others, and sends its greeting behind what
     * came before.
     */
    private void begin(SharedChannel channel, Subscription subscription) {
        if (channel.limits(subscription.member())) {
            channel.ask(subscription, cluster(), answer -> resumptions.under(channel,
                    () -> channel.admits(subscription, answer) && start(channel, subscription)));
        } else {
            start(channel, subscription);
        }
    }

    private boolean start(SharedChannel channel, Subscription subscription) {
        enroll(channel, subscription);
        greet(channel, subscription);
        return true;
    }

    private void enroll(SharedChannel channel, Subscription subscription) {
        LoopChannel part = channel.register(subscription.recipient.loop(),
                subscription.resume != null && channel.history != null);
        subscription.part = part;
        channel.join(subscription.member(), cluster(), subscription.recipient.socketId());
    }

    private void greet(SharedChannel channel, Subscription subscription) {
        ResumeRequest resume = subscription.resume;
        LoopChannel part = subscription.part;
        if (resume != null) {
            resumptions.begin(channel, subscription, resume);
        } else if (part != null) {
            greet(channel, subscription, part);
        }
    }

    private void greet(SharedChannel channel, Subscription subscription, LoopChannel part) {
        subscription.recipient.loop()
                .join(new LoopChannels.Join(subscription, part, channel.greeting(true, cluster().outbox())));
    }

    /**
     * Greets {@code subscription} once more, as a client that subscribes again expects; it stays what it is. Loop
     * thread.
     */
    public void greetAgain(Subscription subscription) {
        SharedChannel channel = subscription.channel;
        synchronized (channel) {
            if (subscription.part != null) {
                greet(channel, subscription, subscription.part);
            }
        }
    }

    /**
     * Ends {@code subscription}; later calls do nothing. What it is a member of it stays for {@code linger}, or as long
     * as the loop runs. Loop thread of its connection.
     */
    public void unsubscribe(Subscription subscription, Duration linger) {
        if (subscription.ended) {
            return;
        }
        subscription.ended = true;
        SharedChannel channel = subscription.channel;
        boolean last;
        synchronized (channel) {
            LoopChannel part = subscription.part;
            if (part == null) {
                channel.abandon(subscription);
            } else {
                if (subscription.home != null && subscription.index >= 0) {
                    subscription.home.remove(subscription);
                }
                channel.unregister(part);
                if (!linger.isZero() && channel.members != null && subscription.member() != null) {
                    channel.lingering++;
                    part.loop.later(() -> lingered(channel, subscription.member()), linger);
                } else {
                    channel.leave(subscription.member(), cluster());
                }
            }
            channel.subscriptions--;
            cluster().state().count(channel.id, channel.subscriptions, channel.announcesCount());
            last = channel.endIfUnused(cluster());
        }
        if (last) {
            listener.removed(channel.app.id(), channel.name);
        }
    }

    private void lingered(SharedChannel channel, @Nullable PresenceMember member) {
        boolean last;
        synchronized (channel) {
            channel.lingering--;
            channel.leave(member, cluster());
            last = channel.endIfUnused(cluster());
        }
        if (last) {
            listener.removed(channel.app.id(), channel.name);
        }
    }

    /**
     * Publishes {@code batch} to this node's subscribers and the others', whole or not at all. Any thread.
     *
     * @param acknowledged runs once, on any thread (perhaps before this method returns), when the cluster has
     *     acknowledged the batch, as {@link dev.reverb.server.cluster.Broker#publish} says, and it is in the inboxes of
     *     this node's loops too: whoever publishes after that publishes behind it
     * @return false when the cluster refuses it, or too much waits for this node's loops; nothing was delivered then,
     *     and {@code acknowledged} never runs
     */
    public boolean publish(List<Publication> batch, Runnable acknowledged) {
        Runnable both = new LocalBacklog.Acknowledgement(acknowledged);
        if (backlog.full()) {
            return false;
        }
        boolean keeps = Resumptions.keeps(batch);
        if (keeps ? resumptions.publish(batch, all -> hand(all, both)) : hand(batch, both)) {
            backlog.acknowledge(both);
            return true;
        }
        return false;
    }

    private boolean hand(List<Publication> batch, Runnable acknowledged) {
        if (!cluster().broker().publish(batch, acknowledged)) {
            return false;
        }
        for (Publication publication : batch) {
            deliver(publication, true, null);
        }
        return true;
    }

    /** Why {@link #publish} has refused a batch of {@code app} just now. */
    public String refusal(String app) {
        return cluster().broker()
                .refusal(app)
                .orElse("This server or its cluster has more to deliver than it may hold; nothing was delivered");
    }

    private @Nullable SharedChannel find(ChannelId id) {
        AppChannels app = apps.get(id.app());
        return app == null ? null : app.channels.get(id.name());
    }

    @Override
    public void onPublication(Publication publication) {
        deliver(publication, false, null);
    }

    @Override
    public void onKept(Publication publication, HistoryPoint point) {
        resumptions.locked(publication.channel(), () -> deliver(publication, false, point));
    }

    @Override
    public void onReached(ChannelId id, HistoryPoint point) {
        SharedChannel channel = find(id);
        if (channel != null && channel.history != null) {
            resumptions.locked(channel, () -> channel.history.reached(point));
        }
    }

    private void deliver(Publication publication, boolean own, @Nullable HistoryPoint point) {
        SharedChannel channel = find(publication.channel());
        if (channel == null) {
            return;
        }
        long now = System.nanoTime();
        if (publication.cacheMillis() > 0) {
            synchronized (channel) { // so that a subscriber gets it either in its greeting or after it, not both
                channel.cache(publication, own, now);
                deliver(channel, publication, point, now);
            }
        } else {
            deliver(channel, publication, point, now);
        }
    }

    private void deliver(SharedChannel channel, Publication publication, @Nullable HistoryPoint point, long now) {
        if (channel.history != null && (point != null || publication.number() > 0)) {
            resumptions.deliver(channel, channel.history, publication, point, now);
        } else {
            channel.deliver(publication.message(), publication.exclude(), now);
        }
    }

    private void locked(ChannelId id, Consumer<SharedChannel> change) {
        SharedChannel channel = find(id);
        if (channel != null) {
            synchronized (channel) {
                change.accept(channel);
            }
        }
    }

    @Override
    public void onCached(Publication publication) {
        locked(publication.channel(), channel -> channel.reached(publication));
    }

    @Override
    public void onAttached(ChannelId id, long attachment, ChannelState state) {
        SharedChannel channel = find(id);
        if (channel == null) {
            return;
        }
        resumptions.locked(channel, () -> {
            if (channel.attachment == attachment) { // not that of a predecessor
                attached(channel, state);
            }
        });
    }

    private void attached(SharedChannel channel, ChannelState state) {
        channel.adopt(state);
        channel.attached = true;
        List<Subscription> admitted = new ArrayList<>();
        for (Subscription subscription : channel.takeWaiting()) {
            if (channel.limits(subscription.member())) {
                begin(channel, subscription);
            } else {
                enroll(channel, subscription);
                admitted.add(subscription);
            }
        }
        admitted.forEach(subscription -> greet(channel, subscription)); // all with one list of members
    }

    @Override
    public void onResync(ChannelId id, ChannelState state) {
        SharedChannel channel = find(id);
        if (channel != null) {
            resumptions.locked(channel, () -> channel.adopt(state));
        }
    }

    @Override
    public void onJoin(ChannelId id, Member member) {
        locked(id, channel -> channel.joinOn(member));
    }

    @Override
    public void onLeave(ChannelId id, String node, String userId) {
        locked(id, channel -> channel.leaveOn(node, userId));
    }

    @Override
    public void onCounted(ChannelId id, int total) {
        locked(id, channel -> channel.counted(total));
    }

    @Override
    public void onControl(Control request) {
        control.accept(request);
    }
}
