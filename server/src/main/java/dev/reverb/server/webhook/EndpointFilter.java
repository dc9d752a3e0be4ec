package dev.reverb.server.webhook;

import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.cluster.WebhookEvent;
import java.util.List;
import java.util.Locale;

/** Which events one endpoint wants. */
public final class EndpointFilter {

    private static final int OF_CHANNELS = WebhookEvent.Type.CONNECTION_OPENED.bit() - 1;

    private final int types;
    private final String prefix;
    private final List<String> patterns;

    /** What {@code endpoint} asks for; without names of types all but those of connections. */
    public EndpointFilter(WebhookEndpoint endpoint) {
        int bits = 0;
        for (String name : endpoint.events()) {
            bits |= WebhookEvent.Type.valueOf(name.toUpperCase(Locale.ROOT)).bit();
        }
        types = endpoint.events().isEmpty() ? OF_CHANNELS : bits;
        prefix = endpoint.channelPrefix();
        patterns = endpoint.channels();
    }

    /** {@link WebhookEvent.Type#bit Bits} of the types. */
    public int types() {
        return types;
    }

    /** Whether it wants {@code event}. */
    public boolean wants(WebhookEvent event) {
        if ((types & event.type().bit()) == 0) {
            return false;
        }
        String channel = event.subject().name();
        return event.type().ofConnection() || (channel.startsWith(prefix)
                && (patterns.isEmpty() || patterns.stream().anyMatch(pattern -> matches(pattern, channel))));
    }

    /** In time that grows with the product of both lengths at most: the last {@code *} alone is gone back to. */
    static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int from = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                from = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++from;
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
