package dev.reverb.server.api;

import dev.reverb.model.App;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.Control;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.metrics.ServerMeters;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Routes requests: {@code /up} and {@code /apps/{id}/…}. */
public final class Api {

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
    private final Consumer<Control> control;

    /**
     * One for a server with {@code config}.
     *
     * @param control carries a request out on this node
     * @param notes takes lines of the debug stream
     */
    public Api(ServerConfig config, AppRegistry apps, Channels channels, Cluster cluster, ServerMeters meters,
            Consumer<Control> control, Consumer<String> notes) {
        this.config = config;
        this.apps = apps;
        this.meters = meters;
        this.cluster = cluster;
        this.control = control;
        authenticator = new Authenticator(config.signatureTolerance());
        publish = new PublishEndpoints(channels, cluster, config.limits(), meters,
                config.debug() ? new PublicationNotes(cluster, notes) : null);
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

    /** Answers {@code request}: calls {@code reply} once, on any thread, perhaps before this returns. Loop thread. */
    public void handle(ApiRequest request, Consumer<ApiReply> reply) {
        String path = request.path();
        if (path.equals("/up")) {
            reply.accept(request.method().equals("GET") || request.method().equals("HEAD") ? UP
                    : ApiReply.methodNotAllowed(request.method(), "GET"));
            return;
        }
        if (!path.startsWith("/apps/")) {
            reply.accept(ApiReply.error(404, "There is nothing at " + path));
            return;
        }
        int slash = path.indexOf('/', 6);
        if (slash < 0) {
            reply.accept(ApiReply.error(404, "There is nothing at " + path));
            return;
        }
        Route route = Route.of(path.substring(slash + 1));
        if (route == null) {
            reply.accept(ApiReply.error(404, "There is nothing at " + path));
            return;
        }
        if (!request.method().equals(route.method())) {
            reply.accept(ApiReply.methodNotAllowed(request.method(), route.method()));
            return;
        }
        App app = apps.byId(path.substring(6, slash));
        if (app == null) {
            reply.accept(ApiReply.error(404, "There is no application with the id " + path.substring(6, slash)));
            return;
        }
        Query query = Query.parse(request.query());
        String refused = authenticator.refuse(request, query, app);
        if (refused != null) {
            meters.rejected(ServerMeters.Rejection.SIGNATURE);
            reply.accept(ApiReply.error(401, refused));
            return;
        }
        if (!app.enabled()) {
            meters.rejected(ServerMeters.Rejection.DISABLED_APP);
            reply.accept(ApiReply.error(403, "The application " + app.id() + " is disabled"));
            return;
        }
        switch (route) {
            case Route.Events _ -> publish.event(request, app, reply);
            case Route.Batch _ -> publish.batch(request, app, reply);
            case Route.Connections _ -> queries.connections(app, reply);
            case Route.ChannelList _ -> queries.channels(app, query, reply);
            case Route.OneChannel one -> queries.channel(new ChannelId(app.id(), one.channel()), query, reply);
            case Route.Users users -> queries.users(new ChannelId(app.id(), users.channel()), reply);
            case Route.Terminate terminate -> {
                Control terminated = new Control.TerminateUser(app.id(), terminate.user());
                control.accept(terminated);
                cluster.state().broadcast(terminated);
                reply.accept(ApiReply.EMPTY);
            }
        }
    }

    static String decode(String segment) {
        try {
            return segment.indexOf('%') < 0 ? segment
                    : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }
}
