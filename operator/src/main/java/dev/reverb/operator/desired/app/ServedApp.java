package dev.reverb.operator.desired.app;

import dev.reverb.crd.AppSettings;
import dev.reverb.operator.plan.Credentials;
import java.util.List;
import java.util.Map;

/**
 * An application with everything that a server needs to know of it.
 *
 * @param id in HTTP API paths
 * @param credentials what it is known by
 * @param settings the rest
 * @param headers values that come from Secrets, by header, for each webhook of the settings
 */
public record ServedApp(String id, Credentials credentials, AppSettings settings, List<Map<String, String>> headers) {
    public ServedApp {
        headers = List.copyOf(headers);
    }

    /** Headers of the webhook {@code index} that come from Secrets. */
    Map<String, String> headers(int index) {
        return index < headers.size() ? headers.get(index) : Map.of();
    }

    /** Says who it is and nothing secret, so that it may stand in a log line. */
    @Override
    public String toString() {
        return "ServedApp[" + id + "]";
    }
}
