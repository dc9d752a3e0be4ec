package dev.reverb.server.api;

import dev.reverb.model.App;
import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterQueries.CachedEvent;
import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code GET connections}, {@code stats}, {@code channels}, {@code channels/{c}} and {@code channels/{c}/users}. */
final class QueryEndpoints {

    private final Cluster cluster;
    private final QueryWorker worker = new QueryWorker();

    QueryEndpoints(Cluster cluster) {
        this.cluster = cluster;
    }

    void connections(App app, Consumer<ApiReply> reply) {
        Replies.when(cluster.queries().connections(app.id()), reply, count -> reply
                .accept(ApiReply.ok(new JsonWriter(32).ascii("{\"connections\":" + count + "}").toBytes())));
    }

    void stats(App app, Consumer<ApiReply> reply) {
        int nodes = cluster.meters().map(ClusterStatistics::nodes).orElse(1);
        Replies.when(cluster.queries().connections(app.id()), reply,
                connections -> Replies
                        .when(cluster.queries().messages(app.id()), reply,
                                messages -> reply.accept(ApiReply.ok(new JsonWriter(128)
                                        .ascii("{\"connections\":" + connections + ",\"messages_sent\":"
                                                + messages.sent() + ",\"messages_received\":" + messages.received()
                                                + ",\"nodes\":" + nodes + ",\"since\":" + messages.sinceMillis() + "}")
                                        .toBytes()))));
    }

    void channels(App app, Query query, Consumer<ApiReply> reply) {
        String prefix = query.get("filter_by_prefix");
        Attributes info = info(query);
        if (info.userCount() && prefix != null && !mayBePresence(prefix)) {
            reply.accept(ApiReply.error(400, "info=user_count is for presence channels only, and filter_by_prefix="
                    + prefix + " shuts them out"));
            return;
        }
        String start = prefix == null ? "" : prefix;
        worker.ask(reply, () -> Replies.when(cluster.queries().channels(app.id(), start), worker, reply, found -> {
            Map<String, ChannelCounts> sorted = new TreeMap<>(found);
            JsonWriter writer = new JsonWriter(64 + sorted.size() * 48).ascii("{\"channels\":{");
            boolean first = true;
            for (Map.Entry<String, ChannelCounts> entry : sorted.entrySet()) {
                writer.ascii(first ? "" : ",").string(entry.getKey()).ascii(":{");
                info.write(writer, entry.getKey(), entry.getValue(), false);
                writer.ascii("}");
                first = false;
            }
            reply.accept(ApiReply.ok(writer.ascii("}}").toBytes()));
        }));
    }

    private static boolean mayBePresence(String prefix) {
        return "presence-".startsWith(prefix) || prefix.startsWith("presence-");
    }

    void channel(ChannelId channel, Query query, Consumer<ApiReply> reply) {
        Attributes info = info(query);
        CompletionStage<@Nullable CachedEvent> cached = info.cache() && ChannelKind.of(channel.name()).cache()
                ? cluster.queries().cached(channel)
                : CompletableFuture.completedFuture(null);
        Replies.when(cluster.queries().channel(channel), reply, counts -> Replies.when(cached, reply, event -> {
            JsonWriter writer = new JsonWriter(96).ascii("{\"occupied\":" + (counts.subscriptions() > 0));
            if (counts.subscriptions() > 0) {
                info.write(writer, channel.name(), counts, true);
            }
            if (event != null) {
                JsonObjectScanner message = new JsonObjectScanner("data");
                if (message.scan(event.message(), 0, event.message().length) && message.has(0)) {
                    writer.ascii(",\"cache\":{\"data\":")
                            .raw(message.raw(0))
                            .ascii(",\"ttl\":" + Math.max(1, event.ttlMillis() / 1000) + "}");
                }
            }
            reply.accept(ApiReply.ok(writer.ascii("}").toBytes()));
        }));
    }

    void users(ChannelId channel, Consumer<ApiReply> reply) {
        if (!ChannelKind.of(channel.name()).presence()) {
            reply.accept(ApiReply.error(400, channel.name() + " is not a presence channel; only those have users"));
            return;
        }
        worker.ask(reply, () -> Replies.when(cluster.queries().channel(channel), worker, reply, counts -> {
            if (counts.subscriptions() == 0) {
                reply.accept(ApiReply.error(404, "Nobody is subscribed to " + channel.name()));
                return;
            }
            Replies.when(cluster.queries().signedUsers(channel), worker, reply, users -> {
                JsonWriter writer = new JsonWriter(32 + users.size() * 16).ascii("{\"users\":[");
                boolean first = true;
                for (byte[] user : users) {
                    writer.ascii(first ? "{\"id\":" : ",{\"id\":").raw(user).ascii("}");
                    first = false;
                }
                reply.accept(ApiReply.ok(writer.ascii("]}").toBytes()));
            });
        }));
    }

    private static Attributes info(Query query) {
        String attributes = query.get("info");
        return attributes == null ? Attributes.NONE : Attributes.parse(attributes);
    }
}
