package dev.reverb.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.App;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.Signer;
import dev.reverb.server.protocol.Signers;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.resume.ResumeRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What each message of a client does, without a socket. */
class SessionTest {

    private static final long SOCKET = SocketId.random();
    private static final String SECRET = "app-secret";

    /** What the client is subscribed to, as carrying out the effects would make it. */
    private static final class Held implements Memberships {

        final Map<String, Optional<PresenceMember>> channels = new HashMap<>();

        @Override
        public int count() {
            return channels.size();
        }

        @Override
        public boolean contains(String channel) {
            return channels.containsKey(channel);
        }

        @Override
        public @Nullable PresenceMember member(String channel) {
            return channels.getOrDefault(channel, Optional.empty()).orElse(null);
        }
    }

    private final Map<String, String> env = new HashMap<>(
            Map.of("REVERB_APP_ID", "app", "REVERB_APP_KEY", "app-key", "REVERB_APP_SECRET", SECRET));
    private final Held held = new Held();
    private @Nullable Session session;
    private @Nullable App app;
    private long now;

    private Effect receive(String message) {
        if (session == null || app == null) {
            try (Settings settings = Settings.load(env, Optional.empty(), Overrides.none())) {
                session = new Session(new SessionContext(new Signers(), settings.server().limits()), held, SOCKET);
                app = Objects.requireNonNull(settings.apps().byId("app"));
            }
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        Effect effect = session.receive(app, now, bytes, bytes.length);
        switch (effect) {
            case Effect.Subscribe(String channel, PresenceMember member, ResumeRequest _) ->
                held.channels.put(channel, Optional.ofNullable(member));
            case Effect.Unsubscribe(String channel) -> held.channels.remove(channel);
            default -> {
            }
        }
        return effect;
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String subscribe(String channel) {
        return "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":" + quoted(channel) + "}}";
    }

    private static String auth(String signed) {
        return "app-key:" + new Signer(SECRET).sign(SocketId.format(SOCKET) + ":" + signed);
    }

    private static String subscribe(String channel, String auth, String channelData) {
        return "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":" + quoted(channel) + ",\"auth\":" + quoted(auth)
                + ",\"channel_data\":" + quoted(channelData) + "}}";
    }

    private static void assertError(int code, Effect effect) {
        String reply = new String(assertInstanceOf(Effect.Reply.class, effect).message(), StandardCharsets.UTF_8);
        assertTrue(reply.startsWith("{\"event\":\"pusher:error\"") && reply.contains("\\\"code\\\":" + code), reply);
    }

    @Test
    void aPublicChannelIsSubscribedOnceAndThenGreetedAgain() {
        assertEquals(new Effect.Subscribe("news", null), receive(subscribe("news")));
        assertEquals(new Effect.GreetAgain("news"), receive(subscribe("news")));
    }

    @Test
    void aPrivateChannelNeedsTheSignatureOfThisSocket() {
        assertError(4009, receive(subscribe("private-x")));
        assertError(4009, receive(subscribe("private-x", auth("private-y"), "")));
        assertInstanceOf(Effect.Subscribe.class, receive("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":"
                + "\"private-x\",\"auth\":" + quoted(auth("private-x")) + "}}"));
    }

    @Test
    void anotherMemberOnTheSameChannelIsAnotherSubscription() {
        String one = "{\"user_id\":\"1\"}";
        String two = "{\"user_id\":\"2\"}";
        Effect.Subscribe first = assertInstanceOf(Effect.Subscribe.class,
                receive(subscribe("presence-x", auth("presence-x:" + one), one)));
        Effect.Subscribe second = assertInstanceOf(Effect.Subscribe.class,
                receive(subscribe("presence-x", auth("presence-x:" + two), two)));
        assertEquals("1", first.member() == null ? null : first.member().userId());
        assertEquals("2", second.member() == null ? null : second.member().userId());
    }

    @Test
    void theNumberOfChannelsIsBounded() {
        env.put("REVERB_MAX_SUBSCRIPTIONS", "1");
        assertInstanceOf(Effect.Subscribe.class, receive(subscribe("a")));
        assertError(4100, receive(subscribe("b")));
        assertEquals(new Effect.GreetAgain("a"), receive(subscribe("a")));
    }

    @Test
    void whoLeavesPresenceChannelsTooOftenJoinsNoneForAWhile() {
        String join = subscribe("presence-a", auth("presence-a:{\"user_id\":1}"), "{\"user_id\":1}");
        String leave = "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"presence-a\"}}";
        for (int i = 0; i < PresenceChurn.BURST; i++) {
            assertInstanceOf(Effect.Subscribe.class, receive(join), "join " + i);
            assertInstanceOf(Effect.Unsubscribe.class, receive(leave));
        }
        assertEquals(new Effect.TooManyLeaves("presence-a"), receive(join));
        assertInstanceOf(Effect.Subscribe.class, receive(subscribe("news")), "other channels cost nobody anything");
        now += 1_000;
        for (int i = 0; i < PresenceChurn.PER_SECOND; i++) {
            assertInstanceOf(Effect.Subscribe.class, receive(join), "join " + i + " after a second");
            assertInstanceOf(Effect.Unsubscribe.class, receive(leave));
        }
        assertEquals(new Effect.TooManyLeaves("presence-a"), receive(join));
        now += 60_000;
        assertInstanceOf(Effect.Subscribe.class, receive(join));
    }

    @Test
    void anotherMemberInItsPlaceIsALeaveToo() {
        for (int i = 0; i <= PresenceChurn.BURST; i++) {
            String data = "{\"user_id\":" + i + "}";
            assertInstanceOf(Effect.Subscribe.class, receive(subscribe("presence-a", auth("presence-a:" + data), data)),
                    "member " + i);
        }
        String data = "{\"user_id\":\"one more\"}";
        assertEquals(new Effect.TooManyLeaves("presence-a"),
                receive(subscribe("presence-a", auth("presence-a:" + data), data)));
    }

    @Test
    void thousandsOfPresenceChannelsMayBeJoinedAtOnce() {
        String data = "{\"user_id\":1}";
        for (int i = 0; i < 4_000; i++) {
            String channel = "presence-" + i;
            assertInstanceOf(Effect.Subscribe.class, receive(subscribe(channel, auth(channel + ":" + data), data)),
                    channel);
        }
    }

    @Test
    void clientEventsAreBoundedInBytesASecond() {
        env.put("REVERB_CLIENT_EVENT_RATE", "1000");
        receive(subscribe("room"));
        String event = "{\"event\":\"client-x\",\"channel\":\"room\",\"data\":\"" + "x".repeat(940) + "\"}";
        assertTrue(event.length() > 950 && event.length() <= 1_000, event);
        for (int i = 0; i < 4; i++) {
            assertInstanceOf(Effect.Publish.class, receive(event));
        }
        assertEquals(new Effect.RateLimited(false), receive(event));
        now += 500;
        assertEquals(new Effect.RateLimited(false), receive(event));
        now += 500;
        assertInstanceOf(Effect.Publish.class, receive(event));
        assertEquals(new Effect.RateLimited(false), receive(event));
    }

    @Test
    void sixtyCursorsASecondAreFarBelowTheRateByDefault() {
        receive(subscribe("room"));
        String event = "{\"event\":\"client-x\",\"channel\":\"room\",\"data\":\"" + "x".repeat(940) + "\"}";
        for (int second = 0; second < 60; second++) {
            for (int i = 0; i < 60; i++) {
                assertInstanceOf(Effect.Publish.class, receive(event));
            }
            now += 1000;
        }
    }

    @Test
    void unsubscribingEndsWhatIsThereAndNothingElse() {
        receive(subscribe("news"));
        String unsubscribe = "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"news\"}}";
        assertEquals(new Effect.Unsubscribe("news"), receive(unsubscribe));
        assertEquals(Effect.None.NONE, receive(unsubscribe));
    }

    @Test
    void aClientEventIsRelayedForMembersOnly() {
        String event = "{\"event\":\"client-x\",\"channel\":\"news\",\"data\":{\"a\":1}}";
        assertError(4009, receive(event));
        receive(subscribe("news"));
        Effect.Publish published = assertInstanceOf(Effect.Publish.class, receive(event));
        assertEquals("news", published.channel());
        assertTrue(new String(published.message(), StandardCharsets.UTF_8).contains("{\"a\":1}"));
    }

    @Test
    void whoSignsInStaysThatUser() {
        assertNull(session == null ? null : session.user());
        assertEquals(List.of(), assertInstanceOf(Effect.SignedIn.class, signIn("1")).watchlist());
        assertError(4009, signIn("2"));
        assertEquals("1", session == null || session.user() == null ? null : session.user().userId());
    }

    @Test
    void aWatchlistIsAnArrayOfAtMostAHundredIds() {
        Effect signedIn = signIn("1", ",\"watchlist\":[\"a\",7,\"\\u00e4\",\"a\"]");
        assertEquals(List.of("a", "7", "\u00e4"), assertInstanceOf(Effect.SignedIn.class, signedIn).watchlist());
        assertInstanceOf(Effect.SignedIn.class, signIn("1", ",\"watchlist\":" + ids(100)));
        assertEquals(new Effect.Close(ProtocolError.WATCHLIST_TOO_LONG), signIn("1", ",\"watchlist\":" + ids(101)));
        for (String wrong : List.of("{}", "\"a\"", "[null]", "[\"\"]", "[[\"a\"]]", "[\"\\ud800\"]", "true",
                "[\"" + "x".repeat(1001) + "\"]")) {
            assertError(4200, signIn("1", ",\"watchlist\":" + wrong));
        }
    }

    @Test
    void aWatchlistThatIsRefusedSignsNobodyIn() {
        assertError(4200, signIn("1", ",\"watchlist\":7"));
        assertNull(session == null ? null : session.user());
    }

    @Test
    void whereWatchlistsAreOffWhatStandsThereDoesNotMatter() {
        env.put("REVERB_APP_WATCHLIST_EVENTS", "false");
        assertNull(assertInstanceOf(Effect.SignedIn.class, signIn("1", ",\"watchlist\":" + ids(101))).watchlist());
    }

    private static String ids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"u" + i + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    private Effect signIn(String id) {
        return signIn(id, "");
    }

    private Effect signIn(String id, String more) {
        String data = "{\"id\":\"" + id + "\"" + more + "}";
        return receive("{\"event\":\"pusher:signin\",\"data\":{\"user_data\":" + quoted(data) + ",\"auth\":"
                + quoted(auth(":user::" + data)) + "}}");
    }

    @Test
    void theRateLimitCountsInWindows() {
        env.put("REVERB_APP_RATE_LIMITING_ENABLED", "true");
        env.put("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "2");
        env.put("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", "10");
        String ping = "{\"event\":\"pusher:ping\"}";
        assertInstanceOf(Effect.Reply.class, receive(ping));
        assertInstanceOf(Effect.Reply.class, receive(ping));
        assertEquals(new Effect.RateLimited(false), receive(ping));
        now += 10_000;
        assertInstanceOf(Effect.Reply.class, receive(ping));
    }

    @Test
    void whatIsNoMessageIsRefusedAndWhatIsNoClientsBusinessIsIgnored() {
        assertError(4200, receive("{"));
        assertError(4200, receive("{\"event\":\"\"}"));
        assertError(4200, receive("{\"event\":\"pusher:unknown\"}"));
        assertEquals(Effect.None.NONE, receive("{\"event\":\"pusher_internal:member_added\",\"channel\":\"x\"}"));
    }
}
