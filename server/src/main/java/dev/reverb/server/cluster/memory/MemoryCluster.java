package dev.reverb.server.cluster.memory;

import dev.reverb.server.cluster.Broker;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.ClusterQueries;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.LocalState;
import dev.reverb.server.cluster.SharedState;
import dev.reverb.server.cluster.Webhooks;
import dev.reverb.server.cluster.Webhooks.Outbox;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One node by itself. */
public final class MemoryCluster implements Cluster, Broker, SharedState, ClusterQueries {

    private final String node = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private final ClusterEvents events;
    private final LocalState local;
    private final MemoryEvents webhooks = new MemoryEvents(node);
    private final EventCache cache = new EventCache();
    private final MemoryHistories histories = new MemoryHistories(node);
    private final ConcurrentHashMap<String, AtomicInteger> connections = new ConcurrentHashMap<>();

    /**
     * @param events the node's channels
     * @param local what they count
     */
    public MemoryCluster(ClusterEvents events, LocalState local) {
        this.events = events;
        this.local = local;
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public Broker broker() {
        return this;
    }

    @Override
    public SharedState state() {
        return this;
    }

    @Override
    public ClusterQueries queries() {
        return this;
    }

    @Override
    public Histories histories() {
        return histories;
    }

    @Override
    public boolean othersServe() {
        return false;
    }

    @Override
    public boolean linkUp() {
        return true;
    }

    @Override
    public Optional<ClusterStatistics> meters() {
        return Optional.empty();
    }

    @Override
    public Outbox outbox() {
        return webhooks;
    }

    @Override
    public void serve(Webhooks served) {
        webhooks.serve(served);
    }

    @Override
    public void close(Duration linger) {
        webhooks.close();
    }

    @Override
    public boolean publish(List<Publication> batch, Runnable acknowledged) {
        for (Publication publication : batch) {
            if (publication.keep() != null) {
                histories.put(publication);
            }
            if (publication.cacheMillis() > 0) {
                cache.put(publication.channel(), publication.message(), publication.cacheMillis());
            }
        }
        acknowledged.run();
        return true;
    }

    @Override
    public void attach(ChannelId channel, long attachment) {
        EventCache.Entry entry = cache.get(channel);
        events.onAttached(channel, attachment,
                entry == null ? ChannelState.EMPTY : new ChannelState(List.of(), entry.message(), entry.untilMillis()));
    }

    @Override
    public void detach(ChannelId channel) {}

    @Override
    public void join(ChannelId channel, Member member) {
        webhooks.join(channel, member.userId());
    }

    @Override
    public void leave(ChannelId channel, String userId) {
        webhooks.leave(channel, userId);
    }

    @Override
    public void count(ChannelId channel, int subscriptions, boolean announced) {
        webhooks.count(channel, subscriptions);
        if (announced) {
            events.onCounted(channel, subscriptions);
        }
    }

    @Override
    public void connect(String app, int limit, Consumer<Boolean> decided) {
        AtomicInteger count = connections.computeIfAbsent(app, id -> new AtomicInteger());
        if (count.incrementAndGet() > limit && limit > 0) {
            count.decrementAndGet();
            decided.accept(false);
        } else {
            decided.accept(true);
        }
    }

    @Override
    public void disconnect(String app) {
        connections.computeIfAbsent(app, id -> new AtomicInteger()).decrementAndGet();
    }

    @Override
    public void broadcast(Control control, Runnable acknowledged) {
        acknowledged.run();
    }

    @Override
    public CompletionStage<Integer> connections(String app) {
        return CompletableFuture.completedFuture(local.connections(app));
    }

    @Override
    public CompletionStage<Map<String, ChannelCounts>> channels(String app, String prefix) {
        return CompletableFuture.completedFuture(local.channels(app, prefix));
    }

    @Override
    public CompletionStage<ChannelCounts> channel(ChannelId channel) {
        return CompletableFuture.completedFuture(local.channel(channel));
    }

    @Override
    public CompletionStage<Collection<byte[]>> signedUsers(ChannelId channel) {
        return CompletableFuture.completedFuture(local.signedUsers(channel));
    }

    @Override
    public CompletionStage<Set<String>> users(ChannelId channel) {
        return CompletableFuture.completedFuture(local.users(channel));
    }

    @Override
    public CompletionStage<@Nullable CachedEvent> cached(ChannelId channel) {
        EventCache.Entry entry = cache.get(channel);
        return CompletableFuture.completedFuture(entry == null ? null
                : new CachedEvent(entry.message(), entry.untilMillis() - System.currentTimeMillis()));
    }

    @Override
    public void messages(String app, long sent, long received) {}

    @Override
    public CompletionStage<MessageTotals> messages(String app) {
        return CompletableFuture.completedFuture(local.messages(app));
    }
}
