package dev.reverb.server.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The parts of a {@code REDIS_URL}. What the URL does not say is empty, so that the single settings fill it.
 *
 * @param tls whether the scheme asks for TLS
 */
record RedisUrl(
        boolean tls,
        String host,
        OptionalInt port,
        Optional<String> username,
        Optional<String> password,
        OptionalInt database) {

    /** {@code text} itself when it can be used; throws an {@code IllegalArgumentException} otherwise. */
    static String check(String text) {
        parse(text);
        return text;
    }

    static RedisUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
        if (uri.getScheme() == null || uri.getHost() == null) {
            throw new IllegalArgumentException("no scheme or host");
        }
        boolean tls = switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "redis", "tcp", "valkey" -> false;
            case "rediss", "tls", "valkeys" -> true;
            default -> throw new IllegalArgumentException("scheme");
        };
        Optional<String> username = Optional.empty();
        Optional<String> password = Optional.empty();
        String user = uri.getRawUserInfo();
        if (user != null) {
            int colon = user.indexOf(':');
            username = decoded(colon < 0 ? user : user.substring(0, colon));
            password = colon < 0 ? Optional.empty() : decoded(user.substring(colon + 1));
        }
        return new RedisUrl(tls, uri.getHost(), uri.getPort() < 0 ? OptionalInt.empty() : OptionalInt.of(port(uri)),
                username, password, database(uri));
    }

    private static int port(URI uri) {
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("port");
        }
        return uri.getPort();
    }

    private static OptionalInt database(URI uri) {
        String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        if (path.isEmpty() && uri.getQuery() != null) {
            for (String part : uri.getQuery().split("&")) {
                if (part.startsWith("database=") || part.startsWith("db=")) {
                    path = part.substring(part.indexOf('=') + 1);
                }
            }
        }
        return path.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseUnsignedInt(path));
    }

    private static Optional<String> decoded(String text) {
        // '+' is a plus sign in user information, unlike in a form
        return text.isEmpty() ? Optional.empty()
                : Optional.of(URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "RedisUrl[" + host + "]";
    }
}
