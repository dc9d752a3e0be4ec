package dev.reverb.operator.observe;

import dev.reverb.operator.plan.ClusterPlan;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks servers how they are, by {@code GET /status} on their management port, all at the same time and for no longer
 * than two seconds. Any thread.
 */
public final class ServerStatusReader implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** What {@code pods} answer; each that does not within a second is among the silent. */
    public ServerStatuses read(List<Pod> pods) {
        Map<String, CompletableFuture<ServerStatus>> asked = new LinkedHashMap<>();
        pods.forEach(pod -> asked.put(pod.getMetadata().getName(), read(pod)));
        List<ServerStatus> answers = new ArrayList<>();
        List<ServerStatuses.Silent> silent = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.multipliedBy(2).toNanos();
        asked.forEach((pod, answer) -> {
            try {
                answers.add(answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                silent.add(new ServerStatuses.Silent(pod, "the operator is being stopped"));
            } catch (TimeoutException _) {
                silent.add(new ServerStatuses.Silent(pod, "no answer within " + PATIENCE.toSeconds() + " s"));
            } catch (ExecutionException e) {
                silent.add(new ServerStatuses.Silent(pod, why(Objects.requireNonNullElse(e.getCause(), e))));
            }
        });
        return new ServerStatuses(answers, silent);
    }

    private static String why(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private CompletableFuture<ServerStatus> read(Pod pod) {
        String address = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
        if (address == null) {
            return CompletableFuture.failedFuture(new IOException("no address yet"));
        }
        String host = address.contains(":") ? "[" + address + "]" : address;
        // without the list of applications: what is refused, and which file is in force, says it of all of them
        URI uri = URI.create("http://" + host + ":" + port(pod) + "/status?apps=false");
        return http
                .sendAsync(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(response -> {
                    try {
                        if (response.statusCode() != 200) {
                            throw new IOException("it answered " + response.statusCode());
                        }
                        return ServerStatus.read(pod.getMetadata().getName(), response.body());
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                });
    }

    private static int port(Pod pod) {
        return pod.getSpec()
                .getContainers()
                .stream()
                .flatMap(container -> container.getPorts().stream())
                .filter(port -> "management".equals(port.getName()))
                .map(ContainerPort::getContainerPort)
                .findFirst()
                .orElse(ClusterPlan.MANAGEMENT_PORT);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
