package dev.reverb.model;

import java.net.URI;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who serves a URI (RFC 3986, 3.2). {@link URI} itself knows no host in whose name is an underscore, as the services of
 * container networks often have.
 *
 * @param user what stands before the host, percent-encoded as it came; empty without it
 * @param host a name or an address, one of IPv6 in brackets
 * @param port 1 to 65535; empty without one
 */
public record UriAuthority(Optional<String> user, String host, OptionalInt port) {
    private static final Pattern FORM = Pattern
            .compile("(?:([^@]*)@)?([A-Za-z0-9._~-]+|\\[[0-9A-Fa-f:.]+])(?::(\\d{1,5})?)?");
    private static final int HIGHEST_PORT = 65_535;

    /** That of {@code uri}; empty when there is none, or its port is no port. */
    public static Optional<UriAuthority> of(URI uri) {
        String written = uri.getRawAuthority();
        Matcher form = written == null ? null : FORM.matcher(written);
        if (form == null || !form.matches()) {
            return Optional.empty();
        }
        OptionalInt port = form.group(3) == null ? OptionalInt.empty()
                : OptionalInt.of(Integer.parseInt(form.group(3)));
        if (port.isPresent() && (port.getAsInt() == 0 || port.getAsInt() > HIGHEST_PORT)) {
            return Optional.empty();
        }
        return Optional.of(new UriAuthority(Optional.ofNullable(form.group(1)), form.group(2), port));
    }

    /** Host and port as they are written, without the user. */
    public String hostAndPort() {
        return port.isPresent() ? host + ":" + port.getAsInt() : host;
    }

    /** Without the user, who may have a password. */
    @Override
    public String toString() {
        return hostAndPort();
    }
}
