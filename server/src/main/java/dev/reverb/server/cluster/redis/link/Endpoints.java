package dev.reverb.server.cluster.redis.link;

import dev.reverb.server.cluster.redis.base.ClusterTiming;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateAdapter;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.TimeoutOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Settings of a Redis installation as Lettuce takes them. */
final class Endpoints {

    private static final Pattern RUN_ID = Pattern.compile("(?m)^run_id:(\\w+)");

    private Endpoints() {}

    /** One server, or the primary that Sentinels know by a name. */
    static RedisURI server(RedisConfig config, ClusterTiming timing) {
        if (config.topology() != Topology.SENTINEL) {
            return credentials(uri(config.nodes().getFirst(), 6379), config, timing);
        }
        RedisURI uri = new RedisURI();
        uri.setSentinelMasterId(config.sentinelMaster()
                .orElseThrow(() -> new IllegalArgumentException("Sentinels need the name of the primary")));
        for (String node : config.nodes()) {
            RedisURI sentinel = uri(node, 26379);
            sentinel.setTimeout(timing.command());
            tls(sentinel, config);
            config.sentinelPassword()
                    .ifPresent(password -> sentinel
                            .setCredentialsProvider(new StaticCredentialsProvider(null, password.toCharArray())));
            uri.getSentinels().add(sentinel);
        }
        return credentials(uri, config, timing);
    }

    /** Where Redis is, as it is logged. */
    static String address(RedisConfig config) {
        String nodes = String.join(",", config.nodes());
        return config.topology() != Topology.SENTINEL ? nodes
                : "primary " + config.sentinelMaster().orElse("") + " of Sentinels " + nodes;
    }

    /** Seed nodes of a Cluster. */
    static List<RedisURI> cluster(RedisConfig config, ClusterTiming timing) {
        List<RedisURI> uris = new ArrayList<>();
        for (String node : config.nodes()) {
            uris.add(credentials(uri(node, 6379), config, timing));
        }
        return uris;
    }

    private static RedisURI uri(String node, int defaultPort) {
        int colon = node.lastIndexOf(':');
        boolean port = colon > 0 && node.indexOf(']', colon) < 0
                && (node.indexOf(':') == colon || node.startsWith("["));
        String host = port ? node.substring(0, colon) : node;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        RedisURI uri = new RedisURI();
        uri.setHost(host);
        uri.setPort(port ? Integer.parseInt(node.substring(colon + 1)) : defaultPort);
        return uri;
    }

    private static RedisURI credentials(RedisURI uri, RedisConfig config, ClusterTiming timing) {
        uri.setTimeout(timing.command());
        uri.setDatabase(config.database());
        config.password()
                .ifPresent(password -> uri.setCredentialsProvider(
                        new StaticCredentialsProvider(config.username().orElse(null), password.toCharArray())));
        uri.setClientName("reverb");
        tls(uri, config);
        return uri;
    }

    private static void tls(RedisURI uri, RedisConfig config) {
        uri.setSsl(config.tls());
        uri.setVerifyPeer(config.verifyPeer() ? SslVerifyMode.FULL : SslVerifyMode.NONE);
    }

    static ClientOptions.Builder options(RedisConfig config, ClusterTiming timing) {
        ClientOptions.Builder options = ClientOptions.builder();
        apply(options, config, timing);
        return options;
    }

    static void apply(ClientOptions.Builder options, RedisConfig config, ClusterTiming timing) {
        options.disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(timing.command())
                        .keepAlive(true)
                        .tcpNoDelay(true)
                        .build())
                .timeoutOptions(TimeoutOptions.builder().fixedTimeout(timing.command()).build());
        if (config.tls()) {
            SslOptions.Builder ssl = SslOptions.builder().jdkSslProvider();
            config.cafile().ifPresent(file -> ssl.trustManager(file.toFile()));
            options.sslOptions(ssl.build());
        }
    }

    static RedisConnectionStateListener onDisconnect(Runnable action) {
        return new RedisConnectionStateAdapter() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
                action.run();
            }
        };
    }

    /** Whether two connections, by what {@code INFO} says on each, reach the same server, and it is a primary. */
    static boolean samePrimary(String one, String other) {
        String id = runId(one);
        return one.contains("role:master") && id != null && id.equals(runId(other));
    }

    /** The first number of {@code redis_version}. */
    static int majorVersion(String info) {
        Matcher m = Pattern.compile("(?m)^redis_version:(\\d+)").matcher(info.toLowerCase(Locale.ROOT));
        return m.find() ? Integer.parseInt(m.group(1)) : 0;
    }

    private static @Nullable String runId(String info) {
        Matcher m = RUN_ID.matcher(info);
        return m.find() ? m.group(1) : null;
    }
}
