package dev.reverb.server.webhook.send;

import dev.reverb.model.App;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.config.ServerConfig.WebhookConfig;
import dev.reverb.server.webhook.WebhookBody;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Sends one signed request without events to an endpoint, as a server of the same settings would: the same look-up,
 * check of addresses, verification of certificates and time-out. Nothing is tried again. Any thread.
 */
public final class WebhookTrial implements AutoCloseable {

    /**
     * What came of it.
     *
     * @param answer what the endpoint answered, or why there is no answer
     * @param took from the look-up to the answer
     */
    public record Outcome(WebhookAnswer answer, Duration took) {}

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1,
            new DefaultThreadFactory("reverb-webhook", true), NioIoHandler.newFactory());
    private final ExecutorService resolving = HostResolver.threads();
    private final WebhookConnection.Shared shared;

    /** With the addresses that the system finds and the authorities that Java trusts. */
    public WebhookTrial(WebhookConfig config) {
        shared = WebhookConnection.Shared.of(config, HostResolver.SYSTEM, resolving, null);
    }

    /** Completes with what came of one request, within {@code webhooks.timeout} and never with a failure. */
    public CompletableFuture<Outcome> send(App app, WebhookEndpoint endpoint) {
        byte[] body = WebhookBody.of(List.of(), System.currentTimeMillis());
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        EventLoop loop = loops.next();
        loop.execute(() -> {
            long began = System.nanoTime();
            WebhookConnection connection = new WebhookConnection(loop, endpoint.url(), shared);
            connection.post(body, RequestHeaders.of(endpoint, app, body), answer -> {
                connection.close();
                outcome.complete(new Outcome(answer, Duration.ofNanos(System.nanoTime() - began)));
            });
        });
        return outcome;
    }

    /** Ends what is under way. */
    @Override
    public void close() {
        var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        resolving.shutdown();
    }
}
