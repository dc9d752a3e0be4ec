package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.HttpReply;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Server libraries sign other texts than they send: each is taken, with a right signature only. */
@WireTest
class SignedFormsTest {

    private static ApiRequest channels(TestServer server) {
        return server.api().request("GET", "/channels/presence-a");
    }

    private static HttpReply joined(TestServer server, String brackets0, String brackets1, String joined) {
        return server.api()
                .send(channels(server).param("info" + brackets0, "user_count")
                        .param("info" + brackets1, "subscription_count")
                        .signing(text -> text.replaceAll("info\\[[^&]*&info\\[[^&]*", joined)));
    }

    @Test
    void anArrayIsSignedJoinedAsThePhpLibraryDoes(TestServer server) {
        server.connect().subscribePresence("presence-a", "{\"user_id\":\"1\"}");
        HttpReply reply = joined(server, "[0]", "[1]", "info=user_count,subscription_count");
        assertEquals(200, reply.status(), reply.toString());
        assertEquals(1, reply.json().path("user_count").asInt(), "the array is understood");
    }

    @Test
    void anArrayIsSignedAsItIsSent(TestServer server) {
        HttpReply reply = server.api()
                .send(channels(server).param("info[0]", "user_count").param("info[1]", "subscription_count"));
        assertEquals(200, reply.status(), reply.toString());
    }

    @Test
    void anArrayThatIsSignedWronglyIsRefused(TestServer server) {
        assertEquals(401, joined(server, "[0]", "[1]", "info=subscription_count,user_count").status());
        assertEquals(401, joined(server, "[0]", "[1]", "info=user_count").status());
        assertEquals(401, joined(server, "[0]", "[1]", "").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"user 1", "a@b.c", "é", "50%", "a+b", "a,b", "#1", "a?b"})
    void aPathIsSignedBeforeItIsEncoded(String user, TestServer server) {
        String sent = "/users/" + URLEncoder.encode(user, StandardCharsets.UTF_8).replace("+", "%20")
                + "/terminate_connections";
        ApiRequest request = server.api().request("POST", sent).body("{}");
        HttpReply reply = server.api()
                .send(request.signing(text -> text.replace(sent, "/users/" + user + "/terminate_connections")));
        assertEquals(200, reply.status(), reply.toString());
        HttpReply asSent = server.api().send(server.api().request("POST", sent).body("{}"));
        assertEquals(200, asSent.status(), asSent.toString());
        HttpReply other = server.api()
                .send(server.api()
                        .request("POST", sent)
                        .body("{}")
                        .signing(text -> text.replace(sent, "/users/other/terminate_connections")));
        assertEquals(401, other.status(), other.toString());
    }
}
