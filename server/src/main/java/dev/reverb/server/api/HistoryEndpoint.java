package dev.reverb.server.api;

import dev.reverb.model.App;
import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.HistoryPoint;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.resume.Keeping;
import dev.reverb.server.resume.Token;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code GET channels/{c}/history}: what a channel keeps, oldest first. */
final class HistoryEndpoint {

    private static final int MOST = 1000;
    private static final int STANDARD = 100;

    private final Cluster cluster;

    HistoryEndpoint(Cluster cluster) {
        this.cluster = cluster;
    }

    void history(App app, ChannelId channel, Query query, Consumer<ApiReply> reply) {
        Histories.Rule rule = Keeping.of(app, channel.name());
        if (rule == null) {
            reply.accept(ApiReply.error(404, channel.name() + " keeps no history (history of the application)"));
            return;
        }
        int count = count(query.get("count"));
        String after = query.get("after");
        String before = query.get("before");
        Token from = token(after);
        Token to = token(before);
        if (count == 0 || (after != null && from == null) || (before != null && to == null)
                || (after != null && before != null)) {
            reply.accept(ApiReply.error(400, "Allowed are count=1 to " + MOST
                    + ", and either after or before, with a position of this history"));
            return;
        }
        int newest = after == null && before == null ? count : 0;
        Histories.Question question = new Histories.Question(rule, from == null ? null : from.point(), null, false,
                newest);
        cluster.histories()
                .read(channel, question,
                        page -> reply.accept(page == null ? ApiReply.unavailable("The history is not reached", 1)
                                : answer(page, count, from != null, to == null ? null : to.point())));
    }

    private static int count(@Nullable String text) {
        try {
            int count = text == null ? STANDARD : Integer.parseInt(text);
            return count > MOST || count < 0 ? 0 : count;
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
        return new Token(entry.point(), List.of()).text();
    }
}
