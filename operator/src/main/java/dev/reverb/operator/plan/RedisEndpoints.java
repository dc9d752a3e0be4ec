package dev.reverb.operator.plan;

import dev.reverb.crd.ExternalRedisSpec;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Where an external Redis can be knocked at, host and port. Pure. */
public final class RedisEndpoints {
    private RedisEndpoints() {}

    /**
     * The endpoints of {@code redis}; empty when nothing usable is written.
     *
     * @param url the URL of its Secret, when there is one
     * @param namespace of the servers, from which a bare name is looked up
     */
    public static List<String> of(ExternalRedisSpec redis, Optional<String> url, String namespace) {
        if (redis.sentinel() != null) {
            return redis.sentinel().nodes().stream().map(node -> qualified(node, namespace)).toList();
        }
        if (redis.cluster() != null) {
            return redis.cluster().nodes().stream().map(node -> qualified(node, namespace)).toList();
        }
        return url.flatMap(RedisEndpoints::hostAndPort)
                .map(node -> List.of(qualified(node, namespace)))
                .orElse(List.of());
    }

    private static Optional<String> hostAndPort(String url) {
        try {
            URI uri = URI.create(url);
            return Optional.ofNullable(uri.getHost())
                    .map(host -> host + ":" + (uri.getPort() < 0 ? 6379 : uri.getPort()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** The operator lives in another namespace than the servers, so that a bare name would mean another Service. */
    private static String qualified(String node, String namespace) {
        int colon = node.lastIndexOf(':');
        String host = node.substring(0, colon);
        return host.contains(".") || host.contains(":") ? node
                : host + "." + namespace + ".svc" + node.substring(colon);
    }
}
