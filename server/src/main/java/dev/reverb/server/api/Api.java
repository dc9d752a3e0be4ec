package dev.reverb.server.api;

import dev.reverb.model.App;
import dev.reverb.model.PercentEncoding;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.api.exchange.ApiRequest;
import dev.reverb.server.api.exchange.Query;
import dev.reverb.server.api.exchange.Replies;
import dev.reverb.server.api.publish.PublicationNotes;
import dev.reverb.server.api.publish.PublishEndpoints;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.Signers;
import dev.reverb.server.tail.Notes;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Routes requests: {@code /up} and {@code /apps/{id}/…}. */
public final class Api {

    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final ApiReply UP = ApiReply.ok("{\"health\":\"OK\"}".getBytes(StandardCharsets.US_ASCII));
    /** Bytes that a body may need beside the data of its events: names, channels, escapes. */
    private static final int ENVELOPE = 32 * 1024;
    /** Bytes that JSON may take for one byte of data, written as an escape. */
    private static final int ESCAPED = 6;

    private final ServerConfig config;
    private final AppRegistry apps;
    private final ServerMeters meters;
    private final Authenticator authenticator;
    private final PublishEndpoints publish;
    private final QueryEndpoints queries;
    private final Cluster cluster;
    private final BiFunction<String, String, CompletionStage<Void>> terminate;
    private final Runnable drain;

    /**
     * One for a server with {@code config}.
     *
     * @param terminate closes the connections of an application's user on this node
     * @param drain drains this server and ends it
     * @param notes takes lines about what is published
     */
    public Api(ServerConfig config, AppRegistry apps, Channels channels, Cluster cluster, ServerMeters meters,
            BiFunction<String, String, CompletionStage<Void>> terminate, Runnable drain, Notes notes) {
        this.config = config;
        this.apps = apps;
        this.meters = meters;
        this.cluster = cluster;
        this.terminate = terminate;
        this.drain = drain;
        authenticator = new Authenticator(config.signatureTolerance());
        publish = new PublishEndpoints(channels, cluster, config.limits(), meters,
                new PublicationNotes(cluster, notes));
        queries = new QueryEndpoints(cluster);
    }

    /** Bytes of a body that are accepted: what is set, or what a full batch of the largest application can need. */
    public int maxRequestSize() {
        OptionalInt configured = config.maxRequestSize();
        if (configured.isPresent()) {
            return configured.getAsInt();
        }
        long largest = Math.max(10_000, apps.largestEvent());
        return (int) Math.min(Integer.MAX_VALUE / 4, largest * ESCAPED * config.limits().maxBatchSize() + ENVELOPE);
    }

    /** The answer to a body over {@link #maxRequestSize}. */
    public ApiReply tooLarge(long size) {
        return ApiReply.error(413, "The body has " + (size < 0 ? "more" : size + " bytes; more") + " than the "
                + maxRequestSize() + " bytes that max_request_size (REVERB_MAX_REQUEST_SIZE) allows");
    }

    /**
     * Decides what the head alone decides: route, method, application and signature, which covers the MD5 of the body
     * and not the body itself. Loop thread.
     *
     * @param path without the server's path prefix, percent-encoded as it came
     * @param rawQuery what stands behind the question mark, as it came
     */
    public Admission admit(String method, String path, String rawQuery, Signers signers) {
        if (path.equals("/up")) {
            return new Admission.Answered(method.equals("GET") || method.equals("HEAD") ? UP
                    : ApiReply.methodNotAllowed(method, "GET, HEAD"));
        }
        int slash = path.startsWith("/apps/") ? path.indexOf('/', 6) : -1;
        Route route = slash <= 6 ? null : Route.of(path.substring(slash + 1));
        if (route == null) {
            return new Admission.Answered(ApiReply.error(404, "There is nothing at " + path));
        }
        if (!method.equals(route.method()) && !(method.equals("HEAD") && route.hasHead())) {
            return new Admission.Answered(ApiReply.methodNotAllowed(method, route.allowed()));
        }
        String id = PercentEncoding.decoded(path.substring(6, slash));
        App app = apps.byId(id);
        if (app == null) {
            return new Admission.Answered(ApiReply.error(404, "There is no application with the id " + id));
        }
        Query query = Query.parse(rawQuery);
        String refused = authenticator.refuse(method, path, query, app, signers);
        if (refused != null) {
            return new Admission.Answered(unsigned(refused));
        }
        if (!app.enabled()) {
            meters.rejected(ServerMeters.Rejection.DISABLED_APP);
            return new Admission.Answered(ApiReply.error(403, "The application " + app.id() + " is disabled"));
        }
        return new Admission.Admitted(route, app, query, query.get("body_md5"));
    }

    /** Whether the application of {@code admitted} is as it was then; if not, its head is to be decided anew. */
    public boolean stands(Admission.Admitted admitted) {
        return admitted.app().equals(apps.byId(admitted.app().id()));
    }

    private ApiReply unsigned(String reason) {
        meters.rejected(ServerMeters.Rejection.SIGNATURE);
        return ApiReply.error(401, reason);
    }

    /** The answer to a request that has a body and signs none. */
    public ApiReply unsignedBody() {
        return unsigned("body_md5 is required where there is a body");
    }

    /**
     * Answers {@code request}, which was admitted: calls {@code reply} once, on any thread, perhaps before this
     * returns. Loop thread.
     */
    public void handle(Admission.Admitted admitted, ApiRequest request, Consumer<ApiReply> reply) {
        App app = admitted.app();
        Query query = admitted.query();
        String refused = Authenticator.refuseBody(admitted.bodyMd5(), request.body(), request.bodyLength());
        if (refused != null) {
            reply.accept(unsigned(refused));
            return;
        }
        switch (admitted.route()) {
            case Route.Events _ -> publish.event(request, app, reply);
            case Route.Batch _ -> publish.batch(request, app, reply);
            case Route.Connections _ -> queries.connections(app, reply);
            case Route.Stats _ -> queries.stats(app, reply);
            case Route.ChannelList _ -> queries.channels(app, query, reply);
            case Route.OneChannel one -> queries.channel(new ChannelId(app.id(), one.channel()), query, reply);
            case Route.History asked -> queries.history(app, new ChannelId(app.id(), asked.channel()), query, reply);
            case Route.Users users -> queries.users(new ChannelId(app.id(), users.channel()), reply);
            case Route.Restart _ -> restart(app, reply);
            case Route.Tail _ -> throw new IllegalStateException("a stream is not answered");
            case Route.Terminate terminate -> terminate(app.id(), terminate.user(), reply);
        }
    }

    /** Answers when the connections of this node are closed, and the other nodes' are sure to be. */
    private void terminate(String app, String user, Consumer<ApiReply> reply) {
        CompletableFuture<Void> elsewhere = new CompletableFuture<>();
        CompletionStage<Void> here = terminate.apply(app, user);
        cluster.state().broadcast(new Control.TerminateUser(app, user), () -> elsewhere.complete(null));
        Replies.when(here.thenCombine(elsewhere, (_, _) -> true), reply, _ -> {
            boolean refused = config.scaling().enabled() && config.scaling().whenDown() == WhenDown.REFUSE
                    && !cluster.linkUp();
            reply.accept(refused
                    ? ApiReply.unavailable(
                            "Closed at this server; the others are not reached, and do " + "it when they are", 1)
                    : ApiReply.EMPTY);
        });
    }

    /** Answers when every node that lives has it to do, each in its turn; a lone one begins behind the answer. */
    private void restart(App app, Consumer<ApiReply> reply) {
        if (!app.allowRestart()) {
            meters.rejected(ServerMeters.Rejection.NOT_ALLOWED);
            reply.accept(ApiReply.error(403, "The application " + app.id() + " may not restart servers: allow_restart"
                    + " (REVERB_APP_ALLOW_RESTART) is not true"));
        } else if (!cluster.linkUp()) {
            reply.accept(ApiReply
                    .unavailable("Redis is not reached, and the other servers not without it: none restarts", 1));
        } else {
            int nodes = cluster.meters().map(ClusterStatistics::nodes).orElse(1);
            LOG.info("The application {} restarts {}", app.id(), nodes == 1 ? "this server" : nodes + " servers");
            cluster.state().broadcast(new Control.Restart(UUID.randomUUID().toString()), () -> {
                reply.accept(ApiReply.ok(new JsonWriter(16).ascii("{\"nodes\":" + nodes + "}").toBytes()));
                if (!config.scaling().enabled()) {
                    drain.run();
                }
            });
        }
    }
}
