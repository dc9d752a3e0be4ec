package dev.reverb.model;

import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * Where webhooks of an application go.
 *
 * @param url an http or https address
 * @param events the event types wanted, for example {@code channel_occupied}; empty for all
 * @param channelPrefix only events of channels that start so; empty for all
 * @param headers added to every request
 */
public record WebhookEndpoint(URI url, List<String> events, String channelPrefix, Map<String, String> headers) {
    public WebhookEndpoint {
        events = List.copyOf(events);
        headers = Map.copyOf(headers);
    }
}
