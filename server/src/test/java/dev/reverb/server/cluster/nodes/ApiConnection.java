package dev.reverb.server.cluster.nodes;

import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one server's HTTP API that is kept from request to request, and made anew after an error; one thread
 * uses it, and blocks.
 */
final class ApiConnection implements AutoCloseable {

    /** A publication may wait in the node for as long as Redis is away. */
    private static final int PATIENCE_MILLIS = 90_000;

    private final InetSocketAddress address;
    private final Credentials credentials;
    private @Nullable HttpSocket socket;

    ApiConnection(int port) {
        this(port, ServerNode.APP, ServerNode.KEY, ServerNode.SECRET);
    }

    /** A back end of another application. */
    ApiConnection(int port, String app, String key, String secret) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.credentials = new Credentials(app, key, secret);
    }

    /** Publishes an event; the status, or 0 when the server did not answer. */
    int publish(byte[] event) {
        try {
            return exchange(request("POST", "/apps/" + credentials.appId() + "/events").body(event)).status();
        } catch (UncheckedIOException e) {
            close();
            return 0;
        }
    }

    /** Answers a query; the body. */
    String get(String path) throws IOException {
        HttpReply reply;
        try {
            reply = exchange(request("GET", path));
        } catch (UncheckedIOException e) {
            throw new IOException(path, e);
        }
        if (reply.status() != 200) {
            throw new IOException(path + ": " + reply.status() + " " + reply.body());
        }
        return reply.body();
    }

    private ApiRequest request(String method, String path) {
        return new ApiRequest(credentials, method, path);
    }

    private HttpReply exchange(ApiRequest request) {
        HttpSocket connection = socket;
        if (connection == null) {
            connection = HttpSocket.connect(address);
            connection.readTimeout(PATIENCE_MILLIS);
            socket = connection;
        }
        HttpReply reply = connection.write(request.bytes()).read();
        if (reply.header("connection").orElse("").equalsIgnoreCase("close")) {
            close();
        }
        return reply;
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close();
        }
        socket = null;
    }
}
