package dev.reverb.server.session;

import dev.reverb.model.Glob;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a page may connect: the host of its {@code Origin} (RFC 6454, section 7) against glob patterns, and its port
 * against those that name one.
 */
public final class OriginRule {

    /** Host and port; the port as text, that of the scheme when the origin has none. */
    private record Authority(String host, String port) {}

    /** A name, with the underscores that some local ones have, or an IPv6 address in brackets. */
    private static final Pattern HOST = Pattern.compile("[a-z0-9._~-]+|\\[[0-9a-f:.]+]");
    private static final Pattern PORT = Pattern.compile("[0-9]{0,5}");

    private OriginRule() {}

    /** Whether {@code origin} matches one of {@code patterns}; a missing one only matches {@code *}. */
    public static boolean allows(List<String> patterns, @Nullable String origin) {
        if (patterns.contains("*")) {
            return true;
        }
        Authority authority = origin == null ? null : authority(origin.toLowerCase(Locale.ROOT));
        if (authority == null) {
            return false;
        }
        for (String pattern : patterns) {
            if (matches(pattern.toLowerCase(Locale.ROOT), authority)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, Authority authority) {
        int colon = portColon(pattern);
        return colon < 0 ? Glob.matches(pattern, authority.host)
                : Glob.matches(pattern.substring(0, colon), authority.host)
                        && Glob.matches(pattern.substring(colon + 1), authority.port);
    }

    /** Where the colon before the port is, -1 without one; those of an address in brackets are none. */
    private static int portColon(String text) {
        int colon = text.lastIndexOf(':');
        return colon > text.lastIndexOf(']') ? colon : -1;
    }

    private static @Nullable Authority authority(String origin) {
        int start = origin.indexOf("://");
        if (start <= 0) {
            return null;
        }
        String scheme = origin.substring(0, start);
        int end = start + 3;
        while (end < origin.length() && "/?#".indexOf(origin.charAt(end)) < 0) {
            end++;
        }
        String authority = origin.substring(start + 3, end);
        authority = authority.substring(authority.lastIndexOf('@') + 1);
        int colon = portColon(authority);
        String host = colon < 0 ? authority : authority.substring(0, colon);
        String port = colon < 0 ? "" : authority.substring(colon + 1);
        if (!HOST.matcher(host).matches() || !PORT.matcher(port).matches()) {
            return null;
        }
        return new Authority(host, !port.isEmpty() ? port : switch (scheme) {
            case "http", "ws" -> "80";
            case "https", "wss" -> "443";
            default -> "";
        });
    }
}
