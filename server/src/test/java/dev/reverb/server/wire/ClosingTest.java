package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** {@code ReverbServer.close()} while clients are there, as a second signal or an embedding program does it. */
@WireTest
class ClosingTest {

    private static final Credentials APP = new Credentials("app", "app-key", "app-secret");

    /** Keeps what is logged for a task that came too late for its loop. */
    private static final class TooLate extends Handler {
        private final List<String> seen = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            for (Throwable cause = entry.getThrown(); cause != null; cause = cause.getCause()) {
                if (cause instanceof RejectedExecutionException) {
                    seen.add(entry.getLoggerName() + ": " + entry.getMessage() + ": " + cause);
                }
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void membersThatLeaveAsTheirServerClosesAreNoErrors() throws Exception {
        TooLate tooLate = new TooLate();
        Logger root = Logger.getLogger("");
        root.addHandler(tooLate);
        try {
            for (int i = 0; i < 20; i++) {
                closeAmongMembers();
            }
        } finally {
            root.removeHandler(tooLate);
        }
        assertEquals(List.of(), tooLate.seen);
    }

    private static void closeAmongMembers() throws Exception {
        Map<String, String> env = Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0",
                "REVERB_MANAGEMENT_PORT", "0", "REVERB_APP_ID", APP.appId(), "REVERB_APP_KEY", APP.key(),
                "REVERB_APP_SECRET", APP.secret(), "REVERB_EVENT_LOOPS", "4");
        List<WireClient> clients = new ArrayList<>();
        try (Settings settings = Settings.load(env, Optional.empty(), Overrides.none());
                ReverbServer server = ReverbServer.start(settings.server(), settings.apps())) {
            for (int i = 0; i < 24; i++) {
                WireClient client = WireClient.open(server.address(), APP, "/app/app-key", 0);
                clients.add(client);
                client.next("pusher:connection_established");
                client.onlyCounting();
                String member = "{\"user_id\":\"" + i + "\"}";
                client.askFor("presence-a", APP.auth(client.socketId(), "presence-a", member), member);
                client.awaitCount(2, HttpSocket.PATIENCE);
            }
        }
        clients.forEach(WireClient::awaitEnd);
        clients.forEach(WireClient::close);
    }
}
