package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What clients see of servers that share a Redis. */
@WireTest
class ScaledTest {

    static void scaled(TestServer server, RedisProcess redis) {
        server.env("REVERB_SCALING_ENABLED", "true")
                .env("REDIS_HOST", "127.0.0.1")
                .env("REDIS_PORT", Integer.toString(redis.port()));
    }

    static void awaitReached(TestServer server) {
        Await.until("Redis is reached", () -> server.metric("reverb_redis_connected", "") == 1);
    }

    private static void join(WireClient client, String userId) {
        String data = "{\"user_id\":\"" + userId + "\"}";
        client.askFor("presence-a", TestServer.APP.auth(client.socketId(), "presence-a", data), data);
    }

    @Test
    void theMemberLimitHoldsOverTheNodes(TestServer one, TestServer other) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            for (TestServer server : new TestServer[]{one, other}) {
                scaled(server, redis);
                server.app("max_presence_members: 1");
                awaitReached(server);
            }
            WireClient first = one.connect();
            join(first, "1");
            first.next("pusher_internal:subscription_succeeded");
            String oneMember = "{\"occupied\":true,\"user_count\":1}";
            Await.until("the join is shared",
                    () -> other.api().get("/channels/presence-a", "info", "user_count").body().equals(oneMember));
            WireClient second = other.connect();
            join(second, "2");
            assertEquals("presence-a", second.next("pusher:subscription_error").channel());
            second.assertNothingMore();
            first.assertNothingMore();
            assertEquals(oneMember, other.api().get("/channels/presence-a", "info", "user_count").body());
            join(second, "1"); // the same user once more is no other member
            second.next("pusher_internal:subscription_succeeded");
        }
    }

    @Test
    void ofMembersThatJoinAtOnceOnTwoNodesExactlyAsManyPassAsMayBe(TestServer one, TestServer other)
            throws IOException {
        int max = 2;
        try (RedisProcess redis = RedisProcess.server()) {
            List<WireClient> clients = new ArrayList<>();
            for (TestServer server : new TestServer[]{one, other}) {
                scaled(server, redis);
                server.app("max_presence_members: " + max);
                awaitReached(server);
            }
            for (int i = 0; i < 6; i++) {
                clients.add((i % 2 == 0 ? one : other).connect());
            }
            for (int round = 0; round < 100; round++) {
                String channel = "presence-" + round;
                for (int i = 0; i < clients.size(); i++) {
                    String data = "{\"user_id\":\"" + i + "\"}";
                    WireClient client = clients.get(i);
                    client.askFor(channel, TestServer.APP.auth(client.socketId(), channel, data), data);
                }
                int passed = 0;
                for (WireClient client : clients) {
                    Received answer = client.next();
                    while (!answer.channel().equals(channel) || answer.event().startsWith("pusher_internal:member_")) {
                        answer = client.next();
                    }
                    passed += answer.event().equals("pusher_internal:subscription_succeeded") ? 1 : 0;
                }
                assertEquals(max, passed, "members of " + channel);
                String members = "{\"occupied\":true,\"user_count\":" + max + "}";
                for (TestServer server : new TestServer[]{one, other}) {
                    Await.until("everybody counts " + max + " members",
                            () -> server.api()
                                    .get("/channels/" + channel, "info", "user_count")
                                    .body()
                                    .equals(members));
                }
            }
        }
    }

    @Test
    void aFrameInTheSegmentOfTheHandshakeWaitsUntilTheQuotaIsAsked(TestServer server) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            scaled(server, redis);
            server.app("max_connections: 10");
            awaitReached(server);
            HttpSocket socket = server.socket();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(HttpSocket.upgrade("/app/app-key").getBytes(StandardCharsets.UTF_8));
            all.writeBytes(Frame.text("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"early\"}}").encode());
            assertEquals(101, socket.write(all.toByteArray()).read().status());
            assertEquals("pusher:connection_established", Received.of(Frame.read(socket.in()).text()).event());
            assertEquals("pusher_internal:subscription_succeeded", Received.of(Frame.read(socket.in()).text()).event());
        }
    }

    @Test
    void idsOfUsersKeepTheirTypesOverTheNodes(TestServer one, TestServer other) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            scaled(one, redis);
            scaled(other, redis);
            awaitReached(one);
            awaitReached(other);
            one.connect().subscribePresence("presence-a", "{\"user_id\":7}");
            Await.until("the other node counts it",
                    () -> other.api().get("/channels/presence-a/users").body().equals("{\"users\":[{\"id\":7}]}"));
        }
    }
}
