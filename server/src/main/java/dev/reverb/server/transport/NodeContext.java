package dev.reverb.server.transport;

import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.metrics.ServerMeters;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What all connections of one server share. Immutable; every part may be used from any thread.
 *
 * @param config what the server was started with
 * @param apps the applications
 * @param channels subscriptions and fan-out
 * @param cluster the other nodes
 * @param listeners who wants to be told
 * @param meters what is counted
 * @param maxConnections sockets that are served at one time
 * @param draining set once the server closes its connections
 */
public record NodeContext(
        ServerConfig config,
        AppRegistry apps,
        Channels channels,
        Cluster cluster,
        Listeners listeners,
        ServerMeters meters,
        int maxConnections,
        AtomicBoolean draining) {}
