package dev.reverb.testkit;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A back end's side of the HTTP API of one application: signs, sends on a connection of its own, reads the reply. */
public final class ApiClient {

    private final InetSocketAddress address;
    private final Credentials credentials;

    public ApiClient(InetSocketAddress address, Credentials credentials) {
        this.address = address;
        this.credentials = credentials;
    }

    /** A request below {@code /apps/{id}}, not sent yet. */
    public ApiRequest request(String method, String path) {
        return new ApiRequest(credentials, method, "/apps/" + credentials.appId() + path);
    }

    /** A request to any path, not sent yet. */
    public ApiRequest requestTo(String method, String path) {
        return new ApiRequest(credentials, method, path);
    }

    /** Sends the request and reads its reply. */
    public HttpReply send(ApiRequest request) {
        return sendRaw(request.bytes());
    }

    /** Sends bytes and reads one reply. */
    public HttpReply sendRaw(byte[] request) {
        try (HttpSocket socket = open()) {
            return socket.writeUnlessClosed(request).read();
        }
    }

    /** A connection to the API's port. */
    public HttpSocket open() {
        return HttpSocket.connect(address);
    }

    /** {@code GET}, with {@code name, value, …} of its query. */
    public HttpReply get(String path, String... params) {
        ApiRequest request = request("GET", path);
        for (int i = 0; i < params.length; i += 2) {
            request.param(params[i], params[i + 1]);
        }
        return send(request);
    }

    /** {@code POST} of a JSON body. */
    public HttpReply post(String path, String body) {
        return send(request("POST", path).body(body));
    }

    /** Publishes, and fails the test unless it was accepted; {@code data} is the text of the event's data. */
    public void publish(String name, String data, String... channels) {
        HttpReply reply = post("/events", event(name, data, channels));
        if (reply.status() != 200) {
            throw new AssertionError("publish answered " + reply);
        }
    }

    /** The body of a publish. */
    public static String event(String name, String data, String... channels) {
        String list = Arrays.stream(channels).map(Json::quote).collect(Collectors.joining(","));
        return "{\"name\":" + Json.quote(name) + ",\"data\":" + Json.quote(data) + ",\"channels\":[" + list + "]}";
    }
}
