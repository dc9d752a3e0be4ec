package dev.reverb.testkit;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * One request to the HTTP API, rightly signed unless a test changes it. Mutable until {@link #bytes()}; used by one
 * test.
 */
public final class ApiRequest {

    private final Credentials credentials;
    private final String method;
    private final String path;
    private final Map<String, String> params = new LinkedHashMap<>();
    private final List<String> headers = new ArrayList<>();
    private byte[] body = new byte[0];
    private int chunkSize;
    private String prefix = "";
    private UnaryOperator<String> signed = UnaryOperator.identity();
    private UnaryOperator<String> signature = UnaryOperator.identity();

    public ApiRequest(Credentials credentials, String method, String path) {
        this.credentials = credentials;
        this.method = method;
        this.path = path;
        params.put("auth_key", credentials.key());
        params.put("auth_timestamp", Long.toString(System.currentTimeMillis() / 1000));
        params.put("auth_version", "1.0");
    }

    /** Adds or replaces a query parameter, raw. */
    public ApiRequest param(String name, String value) {
        params.put(name, value);
        return this;
    }

    /** Leaves a query parameter out. */
    public ApiRequest without(String name) {
        params.remove(name);
        return this;
    }

    /** The body, with its {@code body_md5}. */
    public ApiRequest body(String json) {
        return body(json.getBytes(StandardCharsets.UTF_8));
    }

    /** The body, with its {@code body_md5}. */
    public ApiRequest body(byte[] bytes) {
        body = bytes.clone();
        params.put("body_md5", Credentials.md5(body));
        return this;
    }

    /** Sends the body in chunks of {@code size} bytes, without a {@code Content-Length}. */
    public ApiRequest chunked(int size) {
        chunkSize = size;
        return this;
    }

    /** Adds a header line. */
    public ApiRequest header(String line) {
        headers.add(line);
        return this;
    }

    /** A path in front of the signed one. */
    public ApiRequest prefix(String path) {
        prefix = path;
        return this;
    }

    /** Signs something else than what is sent. */
    public ApiRequest signing(UnaryOperator<String> change) {
        signed = change;
        return this;
    }

    /** Sends something else than the right signature. */
    public ApiRequest signature(UnaryOperator<String> change) {
        signature = change;
        return this;
    }

    /** What is signed: method, path, and the sorted query with lower-case keys and raw values. */
    public String stringToSign() {
        Map<String, String> sorted = new TreeMap<>();
        params.forEach((name, value) -> sorted.put(name.toLowerCase(Locale.ROOT), value));
        return method + "\n" + path + "\n"
                + sorted.entrySet().stream().map(p -> p.getKey() + "=" + p.getValue()).collect(Collectors.joining("&"));
    }

    /** Path and query as they are sent. */
    public String target() {
        String query = params.entrySet()
                .stream()
                .map(p -> p.getKey() + "=" + encode(p.getValue()))
                .collect(Collectors.joining("&"));
        String proof = signature.apply(credentials.sign(signed.apply(stringToSign())));
        return prefix + path + "?" + query + (proof.isEmpty() ? "" : "&auth_signature=" + proof);
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** The whole request as it goes over the wire. */
    public byte[] bytes() {
        StringBuilder head = new StringBuilder(method + " " + target() + " HTTP/1.1\r\nHost: localhost\r\n");
        headers.forEach(line -> head.append(line).append("\r\n"));
        if (body.length > 0) {
            head.append("Content-Type: application/json\r\n");
        }
        if (chunkSize > 0) {
            head.append("Transfer-Encoding: chunked\r\n");
        } else if (body.length > 0 || method.equals("POST")) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        if (chunkSize == 0) {
            bytes.writeBytes(body);
            return bytes.toByteArray();
        }
        for (int from = 0; from < body.length; from += chunkSize) {
            int size = Math.min(chunkSize, body.length - from);
            bytes.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            bytes.write(body, from, size);
            bytes.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        bytes.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return bytes.toByteArray();
    }
}
