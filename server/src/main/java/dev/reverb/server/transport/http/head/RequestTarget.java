package dev.reverb.server.transport.http.head;

/**
 * Where a request goes (RFC 9112, 3.2).
 *
 * @param inside whether it is below the server's path prefix
 * @param path percent-encoded as it came, without the prefix where it is below it
 * @param query what stands behind the question mark, as it came; empty without one
 */
public record RequestTarget(boolean inside, String path, String query) {

    /**
     * The target {@code uri} of a request to a server below {@code prefix}, in whatever of its forms.
     */
    public static RequestTarget of(String uri, String prefix) {
        String origin = uri.startsWith("/") ? uri : originForm(uri);
        int mark = origin.indexOf('?');
        String path = mark < 0 ? origin : origin.substring(0, mark);
        String query = mark < 0 ? "" : origin.substring(mark + 1);
        boolean inside = prefix.isEmpty() || (path.startsWith(prefix) && path.startsWith("/", prefix.length()));
        return new RequestTarget(inside, inside ? path.substring(prefix.length()) : path, query);
    }

    private static String originForm(String uri) {
        int scheme = uri.indexOf("://");
        int slash = scheme < 0 ? -1 : uri.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    /** Whether WebSockets connect there. */
    public boolean webSocket() {
        return inside && (path.equals("/app") || path.startsWith("/app/"));
    }

    /** Whether back ends send their requests there. */
    public boolean api() {
        return inside && (path.equals("/apps") || path.startsWith("/apps/"));
    }
}
