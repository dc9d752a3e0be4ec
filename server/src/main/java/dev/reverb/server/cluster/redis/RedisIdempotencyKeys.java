package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.IdempotencyKeys;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keys in Redis. A node that dies while it carries a request out holds its key for {@link #PENDING}. Everything runs on
 * the cluster's thread.
 */
final class RedisIdempotencyKeys implements IdempotencyKeys {

    /** How long a request may have a key without an answer; also how long another one waits for that answer. */
    private static final Duration PENDING = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofMillis(25);

    private final ClusterNode node;
    private final Link link;

    RedisIdempotencyKeys(ClusterNode node, Link link) {
        this.node = node;
        this.link = link;
    }

    @Override
    public CompletionStage<Claim> claim(String app, String key, String digest) {
        CompletableFuture<Claim> result = new CompletableFuture<>();
        node.scheduler().execute(() -> {
            long until = node.clock().nanos() + PENDING.toNanos();
            ask(node.keys().once(app, key), digest, until, result);
        });
        return result;
    }

    private void ask(byte[] name, String digest, long until, CompletableFuture<Claim> result) {
        if (!link.up()) {
            result.completeExceptionally(new IOException("Redis is not reached"));
            return;
        }
        run(name, "claim", digest, PENDING, new byte[0], (reply, e) -> {
            if (reply == null) {
                result.completeExceptionally(e == null ? new IOException("no reply") : e);
            } else if ((Long) reply.getFirst() == 1) {
                result.complete(Claim.First.FIRST);
            } else {
                byte[] value = (byte[]) reply.get(1);
                if (value.length > 2 && value[0] == 'a') {
                    result.complete(answered(value));
                } else if (node.clock().nanos() - until > 0) {
                    result.complete(Claim.UnderWay.UNDER_WAY);
                } else {
                    node.scheduler().schedule(() -> ask(name, digest, until, result), LOOK);
                }
            }
        });
    }

    /** {@code a}, the digest and the answer, with a space between two. */
    private static Claim answered(byte[] value) {
        int end = 2;
        while (end < value.length && value[end] != ' ') {
            end++;
        }
        return new Claim.Answered(new String(value, 2, end - 2, StandardCharsets.UTF_8),
                Arrays.copyOfRange(value, Math.min(end + 1, value.length), value.length));
    }

    @Override
    public void answered(String app, String key, String digest, byte[] answer, Duration kept) {
        node.scheduler().execute(() -> run(node.keys().once(app, key), "answered", digest, kept, answer, (_, _) -> {}));
    }

    @Override
    public void refused(String app, String key) {
        node.scheduler()
                .execute(() -> run(node.keys().once(app, key), "refused", "", PENDING, new byte[0], (_, _) -> {}));
    }

    private void run(byte[] name, String what, String digest, Duration time, byte[] answer,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> then) {
        link.run(Script.ONCE, new byte[][]{name}, new byte[][]{Keyspace.bytes(what), node.identity().idBytes(),
                Keyspace.bytes(digest), Keyspace.bytes(time.toMillis()), answer}, then);
    }
}
