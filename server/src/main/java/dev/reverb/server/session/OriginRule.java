package dev.reverb.server.session;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether a page may connect: the host part of its {@code Origin} against glob patterns. */
public final class OriginRule {

    private OriginRule() {}

    /** Whether {@code origin} matches one of {@code patterns}; a missing one only matches {@code *}. */
    public static boolean allows(List<String> patterns, @Nullable String origin) {
        if (patterns.contains("*")) {
            return true;
        }
        if (origin == null) {
            return false;
        }
        String host = host(origin);
        if (host == null) {
            return false;
        }
        for (String pattern : patterns) {
            if (matches(pattern.toLowerCase(Locale.ROOT), host)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String host(String origin) {
        try {
            String host = new URI(origin).getHost();
            return host == null ? null : host.toLowerCase(Locale.ROOT);
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
