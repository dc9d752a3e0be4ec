package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.ClusterQueries;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.log.read.LogPage;
import dev.reverb.server.cluster.redis.log.write.OwnedState;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import dev.reverb.server.cluster.redis.quota.Quotas;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.PresenceMember;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the counters in Redis: a fixed number of commands, in one write, however many nodes there are. When
 * Redis
 * does not answer, what is known here: this node's own counts, and the last total of connections.
 */
final class RedisQueries implements ClusterQueries {

    private final ClusterNode node;
    private final Link link;
    private final PartitionWriter[] writers;
    private final Quotas quotas;

    RedisQueries(ClusterNode node, Link link, PartitionWriter[] writers, Quotas quotas) {
        this.node = node;
        this.link = link;
        this.writers = writers;
        this.quotas = quotas;
    }

    @Override
    public CompletionStage<Integer> connections(String app) {
        return ask(new Command.HashField(node.keys().quota(app), Keyspace.bytes("#")))
                .handle((reply, e) -> e == null ? number(reply) : quotas.lastKnown(app));
    }

    @Override
    public CompletionStage<MessageTotals> messages(String app) {
        return ask(new Command.HashFields(node.keys().messages(app))).thenApply(fields -> {
            Map<String, Long> counters = new HashMap<>();
            fields.forEach((name, value) -> counters.put(new String(name, UTF_8),
                    LogPage.leadingNumber(new String(value, UTF_8)).orElse(0)));
            return new MessageTotals(counters.getOrDefault("sent", 0L), counters.getOrDefault("received", 0L),
                    counters.getOrDefault("since", node.clock().millis()));
        });
    }

    @Override
    public CompletionStage<Map<String, ChannelCounts>> channels(String app, String prefix) {
        CompletableFuture<Map<String, ChannelCounts>> result = new CompletableFuture<>();
        node.scheduler().execute(() -> {
            Map<String, ChannelCounts> counts = new HashMap<>();
            int[] left = {2 * Keyspace.CHANNEL_PARTITIONS};
            boolean[] failed = {false};
            Runnable one = () -> {
                if (--left[0] == 0) {
                    if (failed[0]) {
                        addLocal(0, app, prefix, counts, result);
                    } else {
                        complete(counts, result);
                    }
                }
            };
            for (int p = 0; p < Keyspace.CHANNEL_PARTITIONS; p++) {
                byte[] occupancy = node.keys().occupancy(p, app);
                byte[] members = node.keys().memberCounts(p, app);
                link.send(new Command.HashFields(occupancy), (reply, e) -> {
                    failed[0] |= reply == null;
                    add(reply, prefix, counts, true);
                    one.run();
                });
                link.send(new Command.HashFields(members), (reply, e) -> {
                    add(reply, prefix, counts, false);
                    one.run();
                });
            }
        });
        return result;
    }

    private static void add(@Nullable Map<byte[], byte[]> reply, String prefix, Map<String, ChannelCounts> counts,
            boolean subscriptions) {
        if (reply == null) {
            return;
        }
        reply.forEach((name, value) -> {
            String channel = new String(name, UTF_8);
            if (channel.startsWith(prefix)) {
                int n = number(value);
                counts.merge(channel, subscriptions ? new ChannelCounts(n, 0) : new ChannelCounts(0, n),
                        (a, b) -> new ChannelCounts(a.subscriptions() + b.subscriptions(), a.users() + b.users()));
            }
        });
    }

    /** One partition in one turn of the cluster's thread, which beats the lease too. */
    private void addLocal(int partition, String app, String prefix, Map<String, ChannelCounts> counts,
            CompletableFuture<Map<String, ChannelCounts>> result) {
        if (partition == writers.length) {
            complete(counts, result);
            return;
        }
        writers[partition].owned().counts().forEach((channel, n) -> {
            if (channel.app().equals(app) && channel.name().startsWith(prefix)) {
                counts.putIfAbsent(channel.name(), local(channel));
            }
        });
        node.scheduler().execute(() -> addLocal(partition + 1, app, prefix, counts, result));
    }

    private static void complete(Map<String, ChannelCounts> counts,
            CompletableFuture<Map<String, ChannelCounts>> result) {
        Thread.startVirtualThread(() -> {
            counts.values().removeIf(c -> c.subscriptions() <= 0);
            result.complete(counts);
        });
    }

    private ChannelCounts local(ChannelId channel) {
        OwnedState owned = writers[Keyspace.partition(channel)].owned();
        return new ChannelCounts(owned.count(channel), localUsers(channel).size());
    }

    private Set<String> localUsers(ChannelId channel) {
        OwnedState owned = writers[Keyspace.partition(channel)].owned();
        return new LinkedHashSet<>(owned.members().getOrDefault(channel, Map.of()).keySet());
    }

    @Override
    public CompletionStage<ChannelCounts> channel(ChannelId channel) {
        int partition = Keyspace.partition(channel);
        byte[] field = Keyspace.bytes(channel.name());
        CompletableFuture<byte[]> occupancy = ask(
                new Command.HashField(node.keys().occupancy(partition, channel.app()), field));
        CompletableFuture<byte[]> members = ask(
                new Command.HashField(node.keys().memberCounts(partition, channel.app()), field));
        return occupancy.thenCombine(members, (o, m) -> new ChannelCounts(number(o), number(m)))
                .exceptionallyComposeAsync(e -> CompletableFuture.completedFuture(local(channel)), node.scheduler());
    }

    @Override
    public CompletionStage<Set<String>> users(ChannelId channel) {
        CompletableFuture<List<byte[]>> users = ask(new Command.HashKeys(node.keys().users(channel)));
        return users.<Set<String>>thenApply(list -> {
            Set<String> ids = new LinkedHashSet<>();
            list.forEach(id -> ids.add(new String(id, UTF_8)));
            return ids;
        }).exceptionallyComposeAsync(e -> CompletableFuture.completedFuture(localUsers(channel)), node.scheduler());
    }

    @Override
    public CompletionStage<Collection<byte[]>> signedUsers(ChannelId channel) {
        CompletableFuture<Map<byte[], byte[]>> members = ask(new Command.HashFields(node.keys().members(channel)));
        // not on the cluster's thread: a channel may have any number of members
        return members.<Collection<byte[]>>thenApplyAsync(fields -> {
            Map<String, byte[]> ids = new LinkedHashMap<>();
            for (byte[] data : fields.values()) {
                PresenceMember member = PresenceMember.parse(data);
                if (member != null) {
                    ids.putIfAbsent(member.userId(), member.rawUserId());
                }
            }
            return ids.values();
        }, Thread::startVirtualThread)
                .exceptionallyComposeAsync(e -> CompletableFuture.completedFuture(localUsers(channel).stream()
                        .map(id -> new JsonWriter(id.length() + 2).string(id).toBytes())
                        .toList()), node.scheduler());
    }

    @Override
    public CompletionStage<@Nullable CachedEvent> cached(ChannelId channel) {
        byte[] key = node.keys().cache(channel);
        CompletableFuture<@Nullable CachedEvent> result = new CompletableFuture<>();
        node.scheduler().execute(() -> link.send(new Command.Value(key), (message, e) -> {
            if (message == null) {
                result.complete(null);
                return;
            }
            link.send(new Command.MillisToLive(key),
                    (ttl, e2) -> result.complete(ttl == null || ttl <= 0 ? null : new CachedEvent(message, ttl)));
        }));
        return result;
    }

    private <T> CompletableFuture<T> ask(Command<T> command) {
        CompletableFuture<T> result = new CompletableFuture<>();
        node.scheduler().execute(() -> link.send(command, (reply, e) -> {
            if (e != null) {
                result.completeExceptionally(e);
            } else {
                result.complete(reply);
            }
        }));
        return result;
    }

    /** A counter's value; 0 for none, and for what is no number. */
    private static int number(byte @Nullable [] digits) {
        return digits == null ? 0
                : Math.clamp(LogPage.leadingNumber(new String(digits, UTF_8)).orElse(0), 0, Integer.MAX_VALUE);
    }
}
