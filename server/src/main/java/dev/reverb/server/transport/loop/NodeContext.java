package dev.reverb.server.transport.loop;

import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.tail.Notes;
import dev.reverb.server.watchlist.Watchlists;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of one server share. Immutable; every part may be used from any thread.
 *
 * @param config what the server was started with
 * @param apps the applications
 * @param channels subscriptions and fan-out
 * @param watchlists who is signed in, and who watches whom
 * @param cluster the other nodes
 * @param listeners called for the five events
 * @param notes takes lines for the debug stream and for who reads along
 * @param meters what is counted
 * @param maxConnections sockets that are served at one time
 * @param draining with what the server closes its connections, once it does; null until then
 */
public record NodeContext(
        ServerConfig config,
        AppRegistry apps,
        Channels channels,
        Watchlists watchlists,
        Cluster cluster,
        Listeners listeners,
        Notes notes,
        ServerMeters meters,
        int maxConnections,
        AtomicReference<@Nullable ProtocolError> draining) {}
