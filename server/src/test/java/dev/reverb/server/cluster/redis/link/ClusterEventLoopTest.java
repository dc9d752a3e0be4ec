package dev.reverb.server.cluster.redis.link;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.reverb.testkit.Await;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.ByteArrayCodec;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClusterEventLoopTest {

    @Test
    void aConnectionThatIsBeingMadeEndsWithTheLoop() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RedisURI uri = RedisURI.builder()
                    .withHost("127.0.0.1")
                    .withPort(silent.getLocalPort())
                    .withTimeout(Duration.ofHours(1))
                    .build();
            CompletableFuture<Object> end = new CompletableFuture<>();
            ClusterEventLoop loop = new ClusterEventLoop();
            RedisClient client = RedisClient.create(loop.resources());
            loop.execute(() -> {
                client.connectAsync(ByteArrayCodec.INSTANCE, uri)
                        .whenComplete((made, refused) -> end.complete(made == null ? refused : made));
                client.shutdownAsync(0, 1, TimeUnit.SECONDS).whenComplete((_, _) -> loop.close());
            });
            assertInstanceOf(Throwable.class, end.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
    }
}
