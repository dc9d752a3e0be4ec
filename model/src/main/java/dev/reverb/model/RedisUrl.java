package dev.reverb.model;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The parts of a {@code REDIS_URL}, for servers, and for the operator that knocks at the same Redis. What the URL does
 * not say is empty, so that the single settings fill it.
 *
 * @param tls whether the scheme asks for TLS
 */
public record RedisUrl(
        boolean tls,
        String host,
        OptionalInt port,
        Optional<String> username,
        Optional<String> password,
        OptionalInt database) {

    /** {@code text} itself when it can be used; throws an {@code IllegalArgumentException} otherwise. */
    public static String check(String text) {
        parse(text);
        return text;
    }

    /**
     * The parts of {@code text}, around which white space may stand. Throws an {@code IllegalArgumentException}, whose
     * cause is a {@link URISyntaxException} when it is no URL at all; the message may hold the password.
     */
    public static RedisUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text.strip()); // a Secret may end in a line break
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
        if (uri.getScheme() == null) {
            throw new IllegalArgumentException("no scheme");
        }
        UriAuthority authority = UriAuthority.of(uri).orElseThrow(() -> new IllegalArgumentException("no host"));
        boolean tls = switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "redis", "tcp", "valkey" -> false;
            case "rediss", "tls", "valkeys" -> true;
            default -> throw new IllegalArgumentException("scheme");
        };
        Optional<String> username = Optional.empty();
        Optional<String> password = Optional.empty();
        if (authority.user().isPresent()) {
            String user = authority.user().get();
            int colon = user.indexOf(':');
            username = decoded(colon < 0 ? user : user.substring(0, colon));
            password = colon < 0 ? Optional.empty() : decoded(user.substring(colon + 1));
        }
        return new RedisUrl(tls, authority.host(), authority.port(),
                username.or(() -> parameter(uri, "username").flatMap(RedisUrl::decoded)),
                password.or(() -> parameter(uri, "password").flatMap(RedisUrl::decoded)), database(uri));
    }

    private static OptionalInt database(URI uri) {
        String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        if (path.isEmpty()) {
            path = parameter(uri, "database").or(() -> parameter(uri, "db")).orElse("");
        }
        return path.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseUnsignedInt(path));
    }

    /** A parameter behind the question mark, as Laravel reads it; percent-encoded as it came. */
    private static Optional<String> parameter(URI uri, String name) {
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        return Stream.of(query.split("&"))
                .filter(part -> part.startsWith(name + "="))
                .map(part -> part.substring(name.length() + 1))
                .findFirst();
    }

    private static Optional<String> decoded(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(PercentEncoding.decoded(text));
    }

    @Override
    public String toString() {
        return "RedisUrl[" + host + "]";
    }
}
