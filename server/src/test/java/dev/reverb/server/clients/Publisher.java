package dev.reverb.server.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.pusher.rest.Pusher;
import com.pusher.rest.data.Result;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** {@code pusher-http-java}, set up as an application sets it up for a server of its own. */
final class Publisher extends Pusher {

    /** Made by the application, never seen by the server. */
    private static final String MASTER_KEY = Base64.getEncoder()
            .encodeToString("thirty-two bytes that none knows".getBytes(StandardCharsets.UTF_8));

    Publisher(int port, String appId, String secret) {
        super(appId, Application.KEY, secret, MASTER_KEY);
        setHost("127.0.0.1:" + port);
        setEncrypted(false);
    }

    /** The body of a successful answer. */
    static String succeeded(Result result) {
        assertEquals(Result.Status.SUCCESS, result.getStatus(), result::getMessage);
        return result.getMessage();
    }

    @Override
    public void close() {
        try {
            super.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
