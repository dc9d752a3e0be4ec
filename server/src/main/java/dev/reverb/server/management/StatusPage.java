package dev.reverb.server.management;

import dev.reverb.model.App;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.app.RefusedApp;
import dev.reverb.server.app.RegistryState;
import dev.reverb.server.channel.AppChannels;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerConfig.PublicAddress;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.protocol.PreviousSecretUse;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code GET /status} says: one server as it is now, for programs such as the operator. Holds nothing secret. Any
 * thread; takes time in proportion to the number of applications.
 */
final class StatusPage {
    private final JsonMapper json = JsonMapper.builder().build();
    private final ServerConfig config;
    private final AppRegistry apps;
    private final Channels channels;
    private final Cluster cluster;
    private final ServerMeters meters;
    private final PreviousSecretUse previousSecrets;
    private final Supplier<Optional<String>> unready;
    private final Instant started;

    StatusPage(ServerConfig config, AppRegistry apps, Channels channels, Cluster cluster, ServerMeters meters,
            PreviousSecretUse previousSecrets, Supplier<Optional<String>> unready, Instant started) {
        this.config = config;
        this.apps = apps;
        this.channels = channels;
        this.cluster = cluster;
        this.meters = meters;
        this.previousSecrets = previousSecrets;
        this.unready = unready;
        this.started = started;
    }

    /** @param withApps whether each application is listed, or only those that are refused */
    String render(boolean withApps) {
        ObjectNode status = json.createObjectNode();
        status.put("version", ServerVersion.text());
        status.put("node", cluster.node());
        status.put("started", started.toString());
        status.put("uptimeSeconds", Duration.between(started, Instant.now()).toSeconds());
        Optional<String> reason = unready.get();
        status.put("ready", reason.isEmpty());
        status.put("reason", reason.orElse(null));
        status.put("publicUrl", publicUrl(config.publicAddress()));
        int connections = 0;
        for (AppChannels app : channels.all()) {
            connections += app.connections();
        }
        status.put("connections", connections);
        if (withApps) {
            apps(status.putArray("apps"));
        }
        RegistryState state = apps.state();
        refused(status.putArray("refused"), state);
        previousSecrets(status.putArray("previousSecrets"));
        settings(status.putObject("settings"), state);
        link(status.putObject("redis"));
        ObjectNode drain = status.putObject("drain");
        drain.put("active", meters.draining().get() != 0);
        drain.put("remaining", meters.drainRemaining().get());
        drain.put("cut", meters.drainCut().sum());
        long expires = meters.certificateExpires().get();
        status.put("certificateExpires", expires == 0 ? null : Instant.ofEpochSecond(expires).toString());
        return json.writeValueAsString(status);
    }

    private void apps(ArrayNode list) {
        for (App app : apps.all()) {
            AppChannels served = channels.of(app.id());
            ObjectNode entry = list.addObject();
            entry.put("id", app.id());
            entry.put("enabled", app.enabled());
            entry.put("revision", apps.revision(app.id()));
            entry.put("connections", served == null ? 0 : served.connections());
        }
    }

    private static void refused(ArrayNode list, RegistryState state) {
        for (RefusedApp app : state.refused()) {
            ObjectNode entry = list.addObject();
            entry.put("id", app.id());
            entry.put("key", app.problems().getFirst().key());
            entry.put("reason", app.message());
            entry.put("lastFormInForce", app.kept());
        }
    }

    private void previousSecrets(ArrayNode list) {
        for (App app : apps.all()) {
            if (app.secrets().size() > 1) {
                ObjectNode entry = list.addObject();
                entry.put("id", app.id());
                entry.put("lastUsed",
                        previousSecrets.lastOf(app.secrets().subList(1, app.secrets().size()))
                                .map(Instant::toString)
                                .orElse(null));
            }
        }
    }

    private static void settings(ObjectNode settings, RegistryState state) {
        settings.put("digest", state.digest().orElse(null));
        settings.put("stale", state.problem().isPresent());
        settings.put("since", state.since().toString());
        settings.put("problem", state.problem().orElse(null));
    }

    private void link(ObjectNode redis) {
        Optional<ClusterStatistics> link = cluster.meters();
        redis.put("enabled", link.isPresent());
        if (link.isPresent()) {
            redis.put("connected", cluster.linkUp());
            redis.put("reason", cluster.trouble().orElse(null));
            redis.put("nodes", link.get().nodes());
            redis.put("outages", link.get().outages());
            redis.put("heldBytes", link.get().heldBytes());
        }
    }

    private static @Nullable String publicUrl(PublicAddress address) {
        return address.host().map(host -> address.scheme() + "://" + host + ":" + address.port()).orElse(null);
    }
}
