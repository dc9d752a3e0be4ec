package dev.reverb.server.cli.client;

import dev.reverb.server.protocol.Signer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Requests to the HTTP API, signed as every Pusher library signs them.
 *
 * @param base the server, with its path prefix, which is not part of what is signed
 * @param trust what the server's certificate is verified against; empty for what Java trusts by itself
 */
public record SignedRequest(URI base, String key, String secret, Optional<SSLContext> trust) {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * Posts {@code body} as JSON to {@code path}, such as {@code /apps/1/events}.
     *
     * @throws IOException when there is no answer within 10 s
     */
    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(root() + target("POST", path, body)))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try (HttpClient client = client()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    /**
     * Gets {@code path}, and returns with the head: the lines of the body come as the server sends them.
     *
     * @param channel the parameter of that name; empty for none
     * @param client what the lines come by, as long as it is open
     * @throws IOException when there is no answer within 10 s
     */
    HttpResponse<InputStream> stream(HttpClient client, String path, Optional<String> channel)
            throws IOException, InterruptedException {
        String encoded = channel.map(name -> "&channel=" + URLEncoder.encode(name, StandardCharsets.UTF_8)).orElse("");
        String target = signed("GET", path, channel.map(name -> "&channel=" + name).orElse(""), encoded);
        HttpRequest request = HttpRequest.newBuilder(URI.create(root() + target)).timeout(TIMEOUT).build();
        return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    }

    /** What sends requests; to be closed. */
    HttpClient client() {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT);
        trust.ifPresent(builder::sslContext);
        return builder.build();
    }

    private String root() {
        return base.toString().replaceAll("/+$", "");
    }

    /** {@code path} with the query that signs it. */
    public String target(String method, String path, String body) {
        String digest = "&body_md5=" + md5(body);
        return signed(method, path, digest, digest);
    }

    /** {@code parameters} are signed as they are read, and sent {@code encoded}. */
    private String signed(String method, String path, String parameters, String encoded) {
        String query = "auth_key=" + key + "&auth_timestamp=" + Instant.now().getEpochSecond() + "&auth_version=1.0";
        return path + "?" + query + encoded + "&auth_signature="
                + new Signer(secret).sign(method + "\n" + path + "\n" + query + parameters);
    }

    private static String md5(String body) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(body.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }

    @Override
    public String toString() {
        return "SignedRequest[" + base + "]";
    }
}
