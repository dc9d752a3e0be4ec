package dev.reverb.e2e.live;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A back end that publishes steadily through the Service, to each channel in turn, one request at a time over
 * kept-alive
 * connections, without ever retrying. It logs what was acknowledged and what failed.
 */
public final class Publisher implements AutoCloseable {
    /** Name of its events; their data is {@code {"seq":N}}. */
    public static final String EVENT = "sequenced";

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final List<Publication> acknowledged = new CopyOnWriteArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<String> channels;
    private volatile Application application;
    private volatile boolean stopped;
    private volatile @Nullable Thread thread;
    private long sequence;

    /**
     * One publication that was answered with 200.
     *
     * @param sentAt and {@code acknowledgedAt}: {@link System#nanoTime()}
     */
    public record Publication(long sequence, String channel, long sentAt, long acknowledgedAt) {}

    private Publisher(Application application, List<String> channels) {
        this.application = application;
        this.channels = List.copyOf(channels);
    }

    /** Publishes until it is closed. */
    public static Publisher start(Application application, List<String> channels, int perSecond) {
        Publisher publisher = new Publisher(application, channels);
        publisher.thread = Thread.ofVirtual().start(() -> publisher.run(TimeUnit.SECONDS.toNanos(1) / perSecond));
        return publisher;
    }

    private void run(long interval) {
        long next = System.nanoTime();
        while (!stopped) {
            publish();
            // what a slow reply delayed is not caught up with
            next = Math.max(next + interval, System.nanoTime() - interval);
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private void publish() {
        long number = sequence++;
        String channel = channels.get((int) (number % channels.size()));
        String body = "{\"name\":\"" + EVENT + "\",\"channel\":\"" + channel + "\",\"data\":\"{\\\"seq\\\":" + number
                + "}\"}";
        AtomicLong answeredAt = new AtomicLong();
        long sent = System.nanoTime();
        try {
            // the time is taken as the reply's head is read: this thread may run again much later on a busy machine
            HttpResponse<String> response = http.send(HttpRequest.newBuilder(application.api("POST", "/events", body))
                    .timeout(TIMEOUT)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(), _ -> {
                        answeredAt.set(System.nanoTime());
                        return HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8);
                    });
            if (response.statusCode() == 200) {
                acknowledged.add(new Publication(number, channel, sent, answeredAt.get()));
            } else {
                failures.add("publication " + number + ": " + response.statusCode() + " " + response.body());
            }
        } catch (IOException e) {
            failures.add("publication " + number + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failures.add("publication " + number + ": " + e);
        }
    }

    /** Uses other credentials from the next publication on. */
    public void use(Application other) {
        application = other;
    }

    public List<Publication> acknowledged() {
        return List.copyOf(acknowledged);
    }

    /** One line for each publication that was not acknowledged. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Ends the publication that is under way and stops. */
    @Override
    public void close() {
        stopped = true;
        Thread running = thread;
        try {
            if (running != null) {
                running.join(TIMEOUT.plusSeconds(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
    }
}
