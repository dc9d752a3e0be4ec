package dev.reverb.model;

import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * Where webhooks of an application go.
 *
 * @param url an http or https address
 * @param events the event types wanted, for example {@code channel_occupied}; empty for all of channels
 * @param channelPrefix only events of channels that start so; empty for all
 * @param channels only events of channels that match one of these, with {@code *} and {@code ?}; empty for all
 * @param headers added to every request
 */
public record WebhookEndpoint(
        URI url,
        List<String> events,
        String channelPrefix,
        List<String> channels,
        Map<String, String> headers) {
    public WebhookEndpoint {
        channels = List.copyOf(channels);
        events = List.copyOf(events);
        headers = Map.copyOf(headers);
    }

    /** For channels of any name that start with {@code channelPrefix}. */
    public WebhookEndpoint(URI url, List<String> events, String channelPrefix, Map<String, String> headers) {
        this(url, events, channelPrefix, List.of(), headers);
    }

    /** Who receives it. */
    public UriAuthority authority() {
        return UriAuthority.of(url).orElseThrow();
    }

    /** Names nothing secret: addresses may have passwords in them, and headers tokens. */
    @Override
    public String toString() {
        return url.getScheme() + "://" + authority();
    }
}
