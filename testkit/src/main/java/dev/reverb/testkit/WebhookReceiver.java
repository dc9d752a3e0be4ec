package dev.reverb.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A back end on a loopback port that receives webhooks: it verifies each request, keeps each event once by its id, and
 * answers, stalls, fails, redirects or dies as set. Any thread may call.
 */
public final class WebhookReceiver implements AutoCloseable {

    private final Credentials application;
    private final @Nullable SSLContext tls;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<JsonNode> events = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> paths = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private final int port;
    private HttpServer server;
    private volatile int status = 200;
    private volatile boolean mute;
    private volatile byte[] body = "thanks".getBytes(StandardCharsets.UTF_8);
    private volatile CountDownLatch stall = new CountDownLatch(0);
    private int requests;

    /** On a free port, over plain HTTP, for webhooks of {@code application}. */
    public WebhookReceiver(Credentials application) throws IOException {
        this(application, null);
    }

    /** @param tls the certificate of an https address; null for plain HTTP */
    public WebhookReceiver(Credentials application, @Nullable SSLContext tls) throws IOException {
        this.application = application;
        this.tls = tls;
        this.server = listen(0);
        this.port = server.getAddress().getPort();
    }

    private HttpServer listen(int at) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), at);
        HttpServer listening;
        if (tls == null) {
            listening = HttpServer.create(address, 0);
        } else {
            HttpsServer https = HttpsServer.create(address, 0);
            https.setHttpsConfigurator(new HttpsConfigurator(tls));
            listening = https;
        }
        listening.createContext("/", this::answer);
        listening.setExecutor(threads);
        listening.start();
        return listening;
    }

    /** Where it is to be reached. */
    public String url() {
        return (tls == null ? "http://127.0.0.1:" : "https://localhost:") + port + "/hook";
    }

    public int port() {
        return port;
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] received = exchange.getRequestBody().readAllBytes();
        int now = status;
        boolean silent = mute;
        byte[] text = body;
        CountDownLatch held = stall;
        synchronized (this) {
            requests++;
            paths.add(exchange.getRequestURI().getPath());
            verify(exchange, received);
            JsonNode said = Json.parse(new String(received, StandardCharsets.UTF_8));
            times.add(said.get("time_ms").asLong());
            if (now / 100 == 2) {
                for (JsonNode event : said.get("events")) {
                    if (ids.add(event.get("id").asString())) { // what was not answered comes again
                        events.add(event);
                    }
                }
            }
        }
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!silent) {
            if (now / 100 == 3) {
                exchange.getResponseHeaders().set("Location", "/elsewhere");
            }
            exchange.sendResponseHeaders(now, text.length);
            exchange.getResponseBody().write(text);
        }
        exchange.close();
    }

    private void verify(HttpExchange exchange, byte[] received) {
        check("POST".equals(exchange.getRequestMethod()), "method " + exchange.getRequestMethod());
        check("application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type")), "type");
        check(application.key().equals(exchange.getRequestHeaders().getFirst("X-Pusher-Key")), "key");
        check(application.sign(new String(received, StandardCharsets.UTF_8))
                .equals(exchange.getRequestHeaders().getFirst("X-Pusher-Signature")), "signature");
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            problems.add(what);
        }
    }

    /** Answers with {@code code} from now on; events of requests answered with 2xx alone are kept. */
    public WebhookReceiver answers(int code) {
        status = code;
        return this;
    }

    /** The body of answers from now on. */
    public void answersWith(byte[] text) {
        body = text.clone();
    }

    /** Takes requests, keeps their events and gives no answer, until {@link #answersAgain}. */
    public void stalls() {
        stall = new CountDownLatch(1);
    }

    /** Takes requests, keeps their events and ends the connection without an answer, until {@link #answersAgain}. */
    public void hangsUp() {
        mute = true;
    }

    public void answersAgain() {
        mute = false;
        stall.countDown();
    }

    /** Ends all connections and listens no more, until {@link #rises}. */
    public synchronized void dies() {
        server.stop(0);
    }

    /** Listens again where it did. */
    public synchronized void rises() throws IOException {
        server = listen(port);
    }

    /** How many came, those that failed too. */
    public synchronized int requests() {
        return requests;
    }

    /** What each request says of when it was sent, milliseconds since 1970, in order. */
    public synchronized List<Long> times() {
        return List.copyOf(times);
    }

    /** Which paths were asked for, in order. */
    public synchronized List<String> paths() {
        return List.copyOf(paths);
    }

    /**
     * Events in the order of their first arrival, as {@code name channel} and what else they say, without ids; those of
     * counts left out.
     */
    public synchronized List<String> events() {
        return events.stream()
                .filter(event -> !event.get("name").asString().equals("subscription_count"))
                .map(event -> {
                    StringBuilder text = new StringBuilder();
                    event.properties().forEach(field -> {
                        if (!field.getKey().equals("id") && !field.getKey().equals("socket_id")) {
                            text.append(text.isEmpty() ? "" : " ").append(field.getValue().asString());
                        }
                    });
                    return text.toString();
                })
                .toList();
    }

    /** Those of {@link #events} that say {@code channel}. */
    public List<String> events(String channel) {
        return events().stream().filter(event -> (event + " ").contains(" " + channel + " ")).toList();
    }

    /** What was wrong with requests. */
    public synchronized List<String> problems() {
        return List.copyOf(problems);
    }

    @Override
    public synchronized void close() {
        stall.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
