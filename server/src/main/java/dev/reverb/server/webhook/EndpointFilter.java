package dev.reverb.server.webhook;

import dev.reverb.model.Glob;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.cluster.message.WebhookEvent;
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
                && (patterns.isEmpty() || patterns.stream().anyMatch(pattern -> Glob.matches(pattern, channel))));
    }
}
