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
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads the meters of servers from their management port, all at the same time and for no longer than a second.
 * Any thread.
 */
public final class ServerMeter implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** The meters of all of {@code pods}, or nothing when one of them did not answer. */
    public Optional<List<Exposition>> read(List<Pod> pods) {
        List<CompletableFuture<Exposition>> answers = pods.stream().map(this::read).toList();
        try {
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .get(PATIENCE.toMillis() * 2, TimeUnit.MILLISECONDS);
            return Optional.of(answers.stream().map(CompletableFuture::join).toList());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException | CompletionException _) {
            return Optional.empty();
        }
    }

    /** The sum of {@code reverb_connections} over {@code expositions}. */
    public static OptionalLong connections(Optional<List<Exposition>> expositions) {
        return expositions
                .map(list -> OptionalLong.of(Math
                        .round(list.stream().mapToDouble(exposition -> exposition.sum("reverb_connections")).sum())))
                .orElse(OptionalLong.empty());
    }

    private CompletableFuture<Exposition> read(Pod pod) {
        String address = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
        if (address == null) {
            return CompletableFuture.failedFuture(new IOException("no address yet"));
        }
        String host = address.contains(":") ? "[" + address + "]" : address;
        URI uri = URI.create("http://" + host + ":" + port(pod) + "/metrics");
        return http
                .sendAsync(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(response -> {
                    if (response.statusCode() != 200) {
                        throw new CompletionException(new IOException(uri + " answered " + response.statusCode()));
                    }
                    return new Exposition(response.body());
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
