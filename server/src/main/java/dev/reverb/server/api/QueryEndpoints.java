package dev.reverb.server.api;

import dev.reverb.model.App;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.api.exchange.Attributes;
import dev.reverb.server.api.exchange.Query;
import dev.reverb.server.api.exchange.Replies;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterQueries.CachedEvent;
import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.resume.Keeping;
import dev.reverb.server.resume.Token;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code GET connections}, {@code stats}, {@code channels}, {@code channels/{c}} and {@code channels/{c}/users}. */
final class QueryEndpoints {

    private static final int MOST_MESSAGES = 1000;
    private static final int MESSAGES = 100;

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
            info.write(writer, channel.name(), counts, true);
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

    /** {@code GET channels/{c}/history}: what a channel keeps, oldest first. */
    void history(App app, ChannelId channel, Query query, Consumer<ApiReply> reply) {
        KeepRule rule = Keeping.of(app, channel.name());
        if (rule == null) {
            reply.accept(ApiReply.error(404, channel.name() + " keeps no history (history of the application)"));
            return;
        }
        int count = messages(query.get("count"));
        String after = query.get("after");
        String before = query.get("before");
        Token from = token(after);
        Token to = token(before);
        if (count == 0 || (after != null && from == null) || (before != null && to == null)
                || (after != null && before != null)) {
            reply.accept(ApiReply.error(400, "Allowed are count=1 to " + MOST_MESSAGES
                    + ", and either after or before, with a position of this history"));
            return;
        }
        int newest = after == null && before == null ? count : 0;
        Histories.Question question = new Histories.Question(rule, from == null ? null : from.point(), Map.of(), null,
                false, newest, false);
        cluster.histories()
                .read(channel, question,
                        page -> reply.accept(page == null ? ApiReply.unavailable("The history is not reached", 1)
                                : answer(page, count, from != null, to == null ? null : to.point())));
    }

    private static int messages(@Nullable String text) {
        try {
            int count = text == null ? MESSAGES : Integer.parseInt(text);
            return count > MOST_MESSAGES || count < 0 ? 0 : count;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static @Nullable Token token(@Nullable String text) {
        Token token = text == null ? null : Token.parse(text);
        return token == null || token.point() == null ? null : token;
    }

    private static ApiReply answer(Histories.Page page, int count, boolean forward, @Nullable HistoryPoint before) {
        if (page.found() != Histories.Found.YES) {
            return ApiReply.error(404,
                    page.found() == Histories.Found.TOO_OLD ? "Something after that position is no longer kept"
                            : "This history has no such position");
        }
        List<Histories.Entry> entries = page.entries();
        if (before != null) {
            entries = entries.stream().filter(entry -> entry.point().compareTo(before) < 0).toList();
        }
        int most = Math.min(count, entries.size());
        List<Histories.Entry> some = forward ? entries.subList(0, most)
                : entries.subList(entries.size() - most, entries.size());
        JsonWriter writer = new JsonWriter(256).ascii("{\"messages\":[");
        JsonObjectScanner message = new JsonObjectScanner("event", "data", "user_id");
        boolean first = true;
        for (Histories.Entry entry : some) {
            if (message.scan(entry.message(), 0, entry.message().length)) {
                writer.ascii(first ? "" : ",").ascii("{\"position\":").string(position(entry));
                writer.ascii(",\"time_ms\":" + entry.millis()).ascii(",\"event\":").raw(message.raw(0));
                member(writer, message, 1, ",\"data\":");
                member(writer, message, 2, ",\"user_id\":");
                writer.ascii("}");
                first = false;
            }
        }
        writer.ascii("],\"next\":");
        if (some.isEmpty() || (forward && most == entries.size())) {
            writer.ascii("null");
        } else {
            writer.string(position(forward ? some.getLast() : some.getFirst()));
        }
        return ApiReply.ok(writer.ascii("}").toBytes());
    }

    private static void member(JsonWriter writer, JsonObjectScanner message, int field, String name) {
        if (message.has(field)) {
            writer.ascii(name).raw(message.raw(field));
        }
    }

    private static String position(Histories.Entry entry) {
        return new Token(entry.point(), List.of(), List.of()).text();
    }
}
