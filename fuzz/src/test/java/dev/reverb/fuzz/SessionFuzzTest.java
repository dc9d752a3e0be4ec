package dev.reverb.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.reverb.model.App;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.Signers;
import dev.reverb.server.resume.ResumeRequest;
import dev.reverb.server.session.Effect;
import dev.reverb.server.session.Memberships;
import dev.reverb.server.session.Session;
import dev.reverb.server.session.SessionContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whatever valid UTF-8 a client sends, one line a message: no exception, and every message that goes out is JSON. */
class SessionFuzzTest {

    private static final Settings SETTINGS = Settings.read(Map.of("REVERB_APP_ID", "1", "REVERB_APP_KEY", "key",
            "REVERB_APP_SECRET", "secret", "REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "all"), Optional.empty(),
            Overrides.none());

    private final JsonObjectScanner json = new JsonObjectScanner("event");

    @FuzzTest
    void everyMessageHasAnEffect(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            return; // closed with 1007 before a session sees it
        }
        ServerConfig config = SETTINGS.server();
        App app = SETTINGS.apps().all().iterator().next();
        Channels channels = new Channels();
        Session session = new Session(new SessionContext(new Signers(), config.limits()), channels, 1L << 32 | 1);
        int from = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '\n') {
                byte[] message = java.util.Arrays.copyOfRange(bytes, from, i);
                from = i + 1;
                carryOut(session.receive(app, i, message, message.length), channels);
            }
        }
    }

    private void carryOut(Effect effect, Channels channels) {
        switch (effect) {
            case Effect.Reply(byte[] message) -> assertJson(message);
            case Effect.SignedIn signedIn -> assertJson(signedIn.message());
            case Effect.Close(ProtocolError error) -> assertJson(error.message());
            case Effect.Publish(String channel, byte[] message) -> {
                assertTrue(!channel.isEmpty());
                assertJson(message);
            }
            case Effect.Subscribe(String channel, PresenceMember member, ResumeRequest _) ->
                channels.members.put(channel, Optional.ofNullable(member));
            case Effect.Unsubscribe(String channel) -> channels.members.remove(channel);
            case Effect.GreetAgain _,Effect.None _,Effect.RateLimited _,Effect.TooManyLeaves _ -> {
            }
        }
    }

    private void assertJson(byte[] message) {
        assertTrue(json.scan(message, 0, message.length), () -> new String(message, StandardCharsets.UTF_8));
    }

    private static final class Channels implements Memberships {

        private final Map<String, Optional<PresenceMember>> members = new HashMap<>();

        @Override
        public int count() {
            return members.size();
        }

        @Override
        public boolean contains(String channel) {
            return members.containsKey(channel);
        }

        @Override
        public @Nullable PresenceMember member(String channel) {
            Optional<PresenceMember> member = members.get(channel);
            return member == null ? null : member.orElse(null);
        }
    }
}
