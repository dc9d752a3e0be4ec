package dev.reverb.server.api.publish;

import dev.reverb.model.App;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.api.exchange.ApiRequest;
import dev.reverb.server.api.exchange.Replies;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.config.ServerConfig.LimitsConfig;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** {@code POST events} and {@code POST batch_events}. */
public final class PublishEndpoints {

    private static final ApiReply BATCH = ApiReply.ok("{\"batch\":{}}".getBytes(StandardCharsets.US_ASCII));

    private final Channels channels;
    private final Cluster cluster;
    private final LimitsConfig limits;
    private final ServerMeters meters;
    private final ThreadLocal<JsonObjectScanner> scanner = ThreadLocal.withInitial(EventRequest::scanner);

    private final IdempotentRequests once;
    private final PublicationNotes notes;

    /** @param notes says whom events are for */
    public PublishEndpoints(Channels channels, Cluster cluster, LimitsConfig limits, ServerMeters meters,
            PublicationNotes notes) {
        this.notes = notes;
        this.channels = channels;
        this.cluster = cluster;
        this.limits = limits;
        this.meters = meters;
        this.once = new IdempotentRequests(cluster.idempotencyKeys(), limits.idempotencyWindow());
    }

    public void event(ApiRequest request, App app, Consumer<ApiReply> reply) {
        long start = System.nanoTime();
        InvalidFields invalid = new InvalidFields();
        EventRequest event;
        try {
            event = EventRequest.read(scanner.get(), request.body(), 0, request.bodyLength(), app, limits, "", true,
                    invalid);
        } catch (EventRequest.Refused e) {
            reply.accept(e.reply());
            return;
        }
        if (event == null) {
            reply.accept(invalid.reply());
            return;
        }
        String key = IdempotentRequests.key(scanner.get(), EventRequest.IDEMPOTENCY_KEY, request, invalid);
        if (invalid.size() > 0) {
            reply.accept(invalid.reply());
        } else if (key == null) {
            event(app, event, reply);
        } else {
            once.once(app.id(), key, IdempotentRequests.digest("events ", request), reply,
                    answer -> event(app, event, answer));
        }
        request.meters().published(System.nanoTime() - start);
    }

    private void event(App app, EventRequest event, Consumer<ApiReply> reply) {
        publish(app, event.publications(), reply, () -> {
            notes.published(app.id(), event);
            if (!event.info().any()) {
                reply.accept(ApiReply.EMPTY);
                return;
            }
            counts(app, event.channels(), counts -> {
                JsonWriter writer = new JsonWriter(64).ascii("{\"channels\":{");
                for (int i = 0; i < counts.size(); i++) {
                    String channel = event.channels().get(i);
                    writer.ascii(i > 0 ? "," : "").string(channel).ascii(":{");
                    event.info().write(writer, channel, counts.get(i), false);
                    writer.ascii("}");
                }
                reply.accept(ApiReply.ok(writer.ascii("}}").toBytes()));
            }, reply);
        });
    }

    public void batch(ApiRequest request, App app, Consumer<ApiReply> reply) {
        List<EventRequest> events = new ArrayList<>();
        List<Publication> publications = new ArrayList<>();
        boolean info = false;
        String key;
        int index = 0;
        InvalidFields invalid = new InvalidFields();
        try {
            JsonObjectScanner whole = new JsonObjectScanner("batch", "idempotency_key");
            if (!whole.scan(request.body(), 0, request.bodyLength())) {
                throw new EventRequest.Refused(ApiReply.error(400, "The body is not a JSON object"));
            }
            key = IdempotentRequests.key(whole, 1, request, invalid);
            for (int[] element : elements(whole, invalid)) {
                EventRequest event = EventRequest.read(scanner.get(), request.body(), element[0], element[1], app,
                        limits, "batch." + index++ + ".", false, invalid);
                if (event != null) {
                    events.add(event);
                    publications.addAll(event.publications());
                    info |= event.info().any();
                }
            }
        } catch (EventRequest.Refused e) {
            reply.accept(e.reply());
            return;
        }
        if (invalid.size() > 0) {
            reply.accept(invalid.reply());
            return;
        }
        boolean asked = info;
        if (key == null) {
            batch(app, events, publications, asked, reply);
        } else {
            once.once(app.id(), key, IdempotentRequests.digest("batch_events ", request), reply,
                    answer -> batch(app, events, publications, asked, answer));
        }
    }

    private void batch(App app, List<EventRequest> events, List<Publication> publications, boolean asked,
            Consumer<ApiReply> reply) {
        publish(app, publications, reply, () -> {
            events.forEach(event -> notes.published(app.id(), event));
            if (!asked) {
                reply.accept(BATCH);
                return;
            }
            counts(app, events.stream().map(event -> event.channels().getFirst()).toList(), counts -> {
                JsonWriter writer = new JsonWriter(64).ascii("{\"batch\":[");
                for (int i = 0; i < counts.size(); i++) {
                    writer.ascii(i > 0 ? ",{" : "{");
                    events.get(i).info().write(writer, events.get(i).channels().getFirst(), counts.get(i), false);
                    writer.ascii("}");
                }
                reply.accept(ApiReply.ok(writer.ascii("]}").toBytes()));
            }, reply);
        });
    }

    private List<int[]> elements(JsonObjectScanner whole, InvalidFields invalid) {
        List<int[]> elements = whole.elements(0);
        if (elements == null || elements.isEmpty()) {
            invalid.add("batch", elements != null ? "must have at least one event"
                    : whole.hasValue(0) ? "must be an array" : "is required");
            return List.of();
        }
        if (elements.size() > limits.maxBatchSize()) {
            invalid.add("batch", "has " + elements.size() + " events; at most " + limits.maxBatchSize()
                    + " are allowed (limits.max_batch_size)");
            return List.of();
        }
        return elements;
    }

    private void publish(App app, List<Publication> publications, Consumer<ApiReply> reply, Runnable acknowledged) {
        if (channels.publish(publications, acknowledged)) {
            meters.publications().add(publications.size());
        } else {
            reply.accept(ApiReply.unavailable(channels.refusal(app.id()), 1));
        }
    }

    /** Counts of {@code names} in their order. */
    private void counts(App app, List<String> names, Consumer<List<ChannelCounts>> then, Consumer<ApiReply> reply) {
        List<CompletableFuture<ChannelCounts>> asked = names.stream()
                .map(name -> cluster.queries().channel(new ChannelId(app.id(), name)).toCompletableFuture())
                .toList();
        Replies.when(CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)), reply,
                _ -> then.accept(asked.stream().map(CompletableFuture::join).toList()));
    }
}
