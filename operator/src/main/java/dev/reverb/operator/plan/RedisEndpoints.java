package dev.reverb.operator.plan;

import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.model.RedisUrl;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Where an external Redis can be knocked at, host and port. Pure. */
public final class RedisEndpoints {
    private static final int REDIS_PORT = 6379;

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

    /** Why servers could not use {@code url}; empty when they can. */
    public static Optional<String> refusal(String url) {
        try {
            RedisUrl.parse(url);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            // its message may hold the URL, and so the password
            return Optional.of(e.getCause() instanceof URISyntaxException wrong
                    ? "it is no URL at its character " + wrong.getIndex()
                            + "; percent-encode what is special in user and password"
                    : "write redis://user:password@host:port/database, or rediss:// for TLS");
        }
    }

    /** The database that {@code url} names, in its path or as a parameter; empty when it names none. */
    public static String database(String url) {
        return parsed(url).map(RedisUrl::database)
                .filter(OptionalInt::isPresent)
                .map(database -> Integer.toString(database.getAsInt()))
                .orElse("");
    }

    private static Optional<String> hostAndPort(String url) {
        return parsed(url).map(server -> server.host() + ":" + server.port().orElse(REDIS_PORT));
    }

    private static Optional<RedisUrl> parsed(String url) {
        try {
            return Optional.of(RedisUrl.parse(url));
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
