package dev.reverb.e2e.live;

import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Credentials;
import java.net.URI;

/**
 * Where one application is served, and its credentials.
 *
 * @param base {@code http://host:port}
 */
public record Application(URI base, String id, String key, String secret) {

    /** Where clients connect. */
    public URI webSocket() {
        String scheme = base.getScheme().equals("https") ? "wss" : "ws";
        return URI.create(scheme + "://" + base.getAuthority() + "/app/" + key + "?protocol=7&client=e2e&version=1");
    }

    /**
     * A signed address of the HTTP API.
     *
     * @param path below {@code /apps/ID}, starting with a slash
     * @param body empty for a request without one
     */
    public URI api(String method, String path, String body) {
        ApiRequest request = new ApiRequest(credentials(), method, "/apps/" + id + path);
        return URI.create(base + (body.isEmpty() ? request : request.body(body)).target());
    }

    /** What a back end answers to a client that wants to join a private channel. */
    public String auth(String socketId, String channel) {
        return credentials().auth(socketId, channel);
    }

    /** The same for a presence channel. */
    public String auth(String socketId, String channel, String channelData) {
        return credentials().auth(socketId, channel, channelData);
    }

    private Credentials credentials() {
        return new Credentials(id, key, secret);
    }
}
