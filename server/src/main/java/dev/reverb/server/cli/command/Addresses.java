package dev.reverb.server.cli.command;

/** Addresses as people open them. */
public final class Addresses {
    private Addresses() {}

    /** {@code host} as it stands in a URL, with the port unless it is the scheme's own. */
    public static String url(String scheme, String host, int port) {
        String shown = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        boolean usual = port == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + shown + (usual ? "" : ":" + port);
    }

    /** A host on which a server bound to {@code host} answers from this machine. */
    public static String reachable(String host) {
        return switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::", "[::]" -> "::1";
            default -> host;
        };
    }
}
