package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.protocol.Signer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A connection to one server's HTTP API that is kept and made anew; one thread uses it, and blocks. */
final class ApiConnection implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 90_000;

    private final int port;
    private final String app;
    private final String key;
    private final Signer signer;
    private @Nullable Socket socket;
    private @Nullable InputStream in;
    private String body = "";

    ApiConnection(int port) {
        this(port, ServerNode.APP, ServerNode.KEY, ServerNode.SECRET);
    }

    /** A back end of another application. */
    ApiConnection(int port, String app, String key, String secret) {
        this.port = port;
        this.app = app;
        this.key = key;
        this.signer = new Signer(secret);
    }

    /** Publishes an event; the status, or 0 when the server did not answer. */
    int publish(byte[] event) {
        try {
            return exchange("POST", "/apps/" + app + "/events", "", event);
        } catch (IOException e) {
            close();
            return 0;
        }
    }

    /** Answers a query; the body. */
    String get(String path, String parameters) throws IOException {
        int status = exchange("GET", path, parameters, new byte[0]);
        if (status != 200) {
            throw new IOException(path + ": " + status + " " + body);
        }
        return body;
    }

    private int exchange(String method, String path, String parameters, byte[] content) throws IOException {
        String query = "auth_key=" + key + "&auth_timestamp=" + System.currentTimeMillis() / 1000 + "&auth_version=1.0"
                + (content.length == 0 ? "" : "&body_md5=" + md5(content))
                + (parameters.isEmpty() ? "" : "&" + parameters);
        String signature = signer.sign(method + "\n" + path + "\n" + query);
        Socket connection = socket;
        if (connection == null) {
            connection = new Socket(InetAddress.getLoopbackAddress(), port);
            connection.setTcpNoDelay(true);
            connection.setSoTimeout(PATIENCE_MILLIS);
            socket = connection;
            in = new BufferedInputStream(connection.getInputStream(), 1 << 16);
        }
        byte[] head = (method + " " + path + "?" + query + "&auth_signature=" + signature
                + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: " + content.length
                + "\r\n\r\n").getBytes(UTF_8);
        byte[] request = java.util.Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, request, head.length, content.length);
        connection.getOutputStream().write(request);
        int status = Integer.parseInt(line().split(" ")[1]);
        int length = 0;
        boolean last = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            } else if (header.startsWith("connection:")) {
                last = header.contains("close");
            }
        }
        body = new String(input().readNBytes(length), UTF_8);
        if (last) {
            close();
        }
        return status;
    }

    private InputStream input() throws IOException {
        if (in == null) {
            throw new IOException("not connected");
        }
        return in;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = input().read(); c != '\n'; c = input().read()) {
            if (c < 0) {
                throw new EOFException();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // gone
        }
        socket = null;
        in = null;
    }
}
