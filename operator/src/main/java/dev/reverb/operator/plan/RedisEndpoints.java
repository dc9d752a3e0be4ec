package dev.reverb.operator.plan;

import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.model.UriAuthority;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Where an external Redis can be knocked at, host and port. Pure. */
public final class RedisEndpoints {
    private static final Set<String> SCHEMES = Set.of("redis", "tcp", "valkey", "rediss", "tls", "valkeys");
    private static final int REDIS_PORT = 6379;
    private static final Pattern DATABASE = Pattern.compile("[0-9]{0,5}");

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
            URI uri = new URI(url.strip()); // a Secret may end in a line break
            boolean scheme = uri.getScheme() != null && SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT));
            return scheme && UriAuthority.of(uri).isPresent() && DATABASE.matcher(database(url)).matches()
                    ? Optional.empty()
                    : Optional.of("write redis://user:password@host:port/database, or rediss:// for TLS");
        } catch (URISyntaxException e) {
            // its message holds the URL, and so the password
            return Optional.of("it is no URL at its character " + e.getIndex()
                    + "; percent-encode what is special in user and password");
        }
    }

    /** The database that {@code url} names; empty when it names none. */
    public static String database(String url) {
        try {
            String path = URI.create(url.strip()).getPath();
            return path == null ? "" : path.replaceFirst("^/", "");
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    private static Optional<String> hostAndPort(String url) {
        try {
            return UriAuthority.of(URI.create(url.strip()))
                    .map(server -> server.host() + ":" + server.port().orElse(REDIS_PORT));
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
