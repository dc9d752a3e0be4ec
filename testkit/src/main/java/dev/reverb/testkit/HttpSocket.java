package dev.reverb.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;

/** One TCP connection that writes exactly the bytes it is given and reads HTTP responses. */
public final class HttpSocket implements AutoCloseable {

    /** The upper bound of every wait: far more than anything here takes on a busy machine. */
    public static final Duration PATIENCE = Await.PATIENCE;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private HttpSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        this.out = socket.getOutputStream();
    }

    /** Connects; nothing is sent yet. */
    public static HttpSocket connect(InetSocketAddress address) {
        return connect(address, 0);
    }

    /** Connects with a receive buffer of {@code receiveBuffer} bytes, 0 for the system's. */
    public static HttpSocket connect(InetSocketAddress address, int receiveBuffer) {
        try {
            Socket socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setTcpNoDelay(true);
            socket.connect(address, (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            return new HttpSocket(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to " + address, e);
        }
    }

    /** Connects, and shakes hands with a server that has a certificate for localhost. */
    public static HttpSocket connect(InetSocketAddress address, SSLSocketFactory tls) {
        HttpSocket plain = connect(address);
        try {
            return new HttpSocket(tls.createSocket(plain.socket, "localhost", address.getPort(), true));
        } catch (IOException e) {
            throw new UncheckedIOException("no TLS with " + address, e);
        }
    }

    /** The head of a request for {@code target}, with a {@code Host} and more header lines. */
    public static String head(String method, String target, String... headers) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** The head of a right upgrade request. */
    public static String upgrade(String target, String... headers) {
        List<String> lines = new ArrayList<>(List.of("Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
        lines.addAll(List.of(headers));
        return head("GET", target, lines.toArray(String[]::new));
    }

    /** Writes the text as it is. */
    public HttpSocket write(String text) {
        return write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes the bytes as they are. */
    public HttpSocket write(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes, and ignores that the peer may have closed already: what it answered is still to be read. */
    public HttpSocket writeUnlessClosed(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException closedByPeer) {
            // the point of the test that sends too much
        }
        return this;
    }

    /** The next final response, 100 Continue left out; of a {@code HEAD} use {@link #readHead()}. */
    public HttpReply read() {
        HttpReply head = readHead();
        while (head.status() == 100) {
            head = readHead();
        }
        if (head.status() == 101 || head.status() == 204 || head.status() == 304) {
            return head;
        }
        try {
            return new HttpReply(head.status(), head.headers(), readBody(head));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next status line and headers. */
    public HttpReply readHead() {
        try {
            String line = readLine();
            if (!line.startsWith("HTTP/1.")) {
                throw new AssertionError("not an HTTP response: " + line);
            }
            int status = Integer.parseInt(line.substring(9, 12));
            Map<String, List<String>> headers = new HashMap<>();
            for (String header = readLine(); !header.isEmpty(); header = readLine()) {
                int colon = header.indexOf(':');
                headers.computeIfAbsent(header.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                        .add(header.substring(colon + 1).strip());
            }
            return new HttpReply(status, headers, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String readBody(HttpReply head) throws IOException {
        if (head.header("transfer-encoding").orElse("").equalsIgnoreCase("chunked")) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int size = Integer.parseInt(readLine(), 16); size > 0; size = Integer.parseInt(readLine(), 16)) {
                body.write(readExactly(size));
                readLine();
            }
            readLine();
            return body.toString(StandardCharsets.UTF_8);
        }
        if (head.header("content-length").isPresent()) {
            int length = Integer.parseInt(head.header("content-length").get());
            return new String(readExactly(length), StandardCharsets.UTF_8);
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private byte[] readExactly(int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("connection ended within a body");
        }
        return bytes;
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("connection ended, after \"" + line.toString(StandardCharsets.UTF_8) + "\"");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** Whether the server ends the connection within {@code bound}, whatever it still sends before. */
    public boolean endsWithin(Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        try {
            while (true) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                socket.setSoTimeout((int) left);
                if (in.read() < 0) {
                    return true;
                }
            }
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (SocketException reset) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a FIN; reading goes on. */
    public void finish() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the server sends, buffered: the same stream that {@link #read} takes from. */
    public InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    /** Ends reads by a deadline of their own, 0 for none. */
    public void readTimeout(int millis) {
        try {
            socket.setSoTimeout(millis);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connection with a reset, as a peer that died does. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
