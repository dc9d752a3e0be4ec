package dev.reverb.server.session;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whether a page may connect: the host part of its {@code Origin} against glob patterns. */
public final class OriginRule {
    /** A pattern that names a port too; an IPv6 address ends with a bracket. */
    private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

    private OriginRule() {}

    /**
     * Whether {@code origin} matches one of {@code patterns}: by host, and by port where a pattern has one, such as
     * {@code localhost:3000}. A missing origin only matches {@code *}.
     */
    public static boolean allows(List<String> patterns, @Nullable String origin) {
        if (patterns.contains("*")) {
            return true;
        }
        if (origin == null) {
            return false;
        }
        URI uri = parsed(origin);
        String host = uri == null ? null : uri.getHost();
        if (uri == null || host == null) {
            return false;
        }
        String name = host.toLowerCase(Locale.ROOT);
        for (String pattern : patterns) {
            boolean onePort = PORT.matcher(pattern).find();
            if (matches(pattern.toLowerCase(Locale.ROOT), onePort ? name + ":" + port(uri) : name)) {
                return true;
            }
        }
        return false;
    }

    private static int port(URI origin) {
        return origin.getPort() >= 0 ? origin.getPort() : "https".equalsIgnoreCase(origin.getScheme()) ? 443 : 80;
    }

    private static @Nullable URI parsed(String origin) {
        try {
            return new URI(origin);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** {@code *} stands for any characters, {@code ?} for one. */
    private static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
