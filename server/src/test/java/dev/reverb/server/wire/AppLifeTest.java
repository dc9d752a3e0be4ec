package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Applications that go, come back, and get other credentials while clients are connected. */
@Timeout(60)
class AppLifeTest {

    private static final Credentials OLD = new Credentials("shop", "shop-key", "old-secret");
    private static final Credentials NEW = new Credentials("shop", "shop-key", "new-secret");
    private static final Credentials REKEYED = new Credentials("shop", "other-key", "old-secret");
    private static final String NONE = "apps: []";

    private final List<AutoCloseable> opened = new ArrayList<>();
    @TempDir
    Path folder;
    private Path file = Path.of("");
    private Settings settings = Settings.read(Map.of(), Optional.empty(), Overrides.none());
    private @Nullable ReverbServer server;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    @Test
    void anApplicationThatComesBackWithAnotherSecretAcceptsTheNewOneAlone() {
        start(yaml(OLD), "1ms");
        connect(OLD).subscribePrivate("private-a");
        write(NONE);
        write(yaml(NEW));

        assertNewAloneIsAccepted();
    }

    @Test
    void aSecretThatIsReplacedIsRefusedOnConnectionsThatStay() {
        start(yaml(OLD), "1ms");
        WireClient client = connect(OLD);
        client.subscribePrivate("private-a");
        write(yaml(NEW));

        client.askFor("private-b", OLD.auth(client.socketId(), "private-b"), null)
                .next("pusher:error")
                .assertError(4009, "Connection is unauthorized");
        client.askFor("private-b", NEW.auth(client.socketId(), "private-b"), null);
        client.next("pusher_internal:subscription_succeeded");
    }

    @Test
    void anApplicationThatComesBackWithinTheGraceKeepsItsConnections() {
        start(yaml(OLD), "30s");
        WireClient client = connect(OLD);
        client.subscribe("news");
        write(NONE);
        assertEquals(404, new ApiClient(address(), OLD).get("/channels").status());
        write(yaml(OLD));

        assertEquals(200,
                new ApiClient(address(), OLD).post("/events", "{\"name\":\"e\",\"channel\":\"news\",\"data\":\"x\"}")
                        .status());
        client.next("e");
    }

    @Test
    void withinTheGraceNoSignatureIsAcceptedAndNewClientsAreSentAwayForAMoment() {
        start(yaml(OLD), "30s");
        WireClient client = connect(OLD);
        write(NONE);

        client.askFor("private-b", OLD.auth(client.socketId(), "private-b"), null)
                .next("pusher:error")
                .assertError(4009, "Connection is unauthorized");
        client.subscribe("public");
        open(OLD).awaitClose(4100);
    }

    @Test
    void anApplicationThatIsGoneWithItsConnectionsIsForgotten() {
        start(yaml(OLD), "1ms");
        WireClient client = connect(OLD);
        client.subscribe("news");
        assertTrue(metrics().contains("app=\"shop\""));
        write(NONE);
        client.awaitClose(4001);
        Await.until("its meters to go", () -> !metrics().contains("app=\"shop\""));
        write(yaml(NEW));
        Await.until("it to be served again", () -> open(NEW).handshake().status() == 101);
        connect(NEW).subscribe("news");
        assertTrue(metrics().contains("app=\"shop\""));
    }

    private String metrics() {
        try (HttpSocket socket = HttpSocket.connect(Objects.requireNonNull(server).managementAddress())) {
            return socket.write(HttpSocket.head("GET", "/metrics")).read().body();
        }
    }

    @Test
    void anApplicationThatDoesNotComeBackClosesItsClientsAfterTheGrace() {
        start(yaml(OLD), "2s");
        WireClient client = connect(OLD);
        long removed = System.nanoTime(); // the server may know of it before this test goes on
        write(NONE);

        client.awaitClose(4001);
        assertTrue(System.nanoTime() - removed > 1_900_000_000L, "closed before the grace ended");
        open(OLD).awaitClose(4001);
    }

    @Test
    void clientsOfAnOldKeyAreClosedAfterTheGraceAndThoseOfTheNewOneStay() {
        start(yaml(OLD), "300ms");
        WireClient client = connect(OLD);
        write(yaml(REKEYED));
        WireClient next = connect(REKEYED);

        client.awaitClose(4001);
        next.subscribePrivate("private-a");
        open(OLD).awaitClose(4001);
    }

    @Test
    void aDisabledApplicationClosesItsClientsAtOnce() {
        start(yaml(OLD), "30s");
        WireClient client = connect(OLD);
        write(yaml(OLD) + "    enabled: false\n");

        client.awaitClose(4003);
        open(OLD).awaitClose(4003);
        assertEquals(403, new ApiClient(address(), OLD).get("/channels").status());
    }

    @Test
    void oneOfTwoApplicationsMayGoWithoutAWordToTheOther() {
        Credentials other = new Credentials("other", "o-key", "o-secret");
        start(yaml(OLD, other), "1ms");
        WireClient gone = connect(OLD);
        WireClient stays = connect(other);
        write(yaml(other));

        gone.awaitClose(4001);
        stays.subscribe("news");
        stays.assertNothingMore();
    }

    @Test
    void aWrongApplicationStaysInItsLastFormAndTheOthersAreTaken() {
        start(yaml(OLD), "1ms");
        WireClient client = connect(OLD);
        Credentials other = new Credentials("other", "o-key", "o-secret");
        write(yaml(NEW) + "    ping_interval: 0\n" + yaml(other).replace("apps:\n", ""));

        connect(other).subscribePrivate("private-a");
        client.subscribePrivate("private-a");
        client.assertNothingMore();
    }

    private void assertNewAloneIsAccepted() {
        WireClient client = connect(NEW);
        String member = "{\"user_id\":\"1\"}";
        String user = "{\"id\":\"1\"}";
        client.askFor("private-a", OLD.auth(client.socketId(), "private-a"), null)
                .next("pusher:error")
                .assertError(4009, "Connection is unauthorized");
        client.askFor("presence-a", OLD.auth(client.socketId(), "presence-a", member), member)
                .next("pusher:error")
                .assertError(4009, "Connection is unauthorized");
        client.send(signIn(OLD.userAuth(client.socketId(), user)))
                .next("pusher:error")
                .assertError(4009, "Connection is unauthorized");
        assertEquals(401, new ApiClient(address(), OLD).get("/channels").status());
        client.subscribePrivate("private-a");
        client.subscribePresence("presence-a", member);
        client.send(signIn(NEW.userAuth(client.socketId(), user))).next("pusher:signin_success");
        assertEquals(200, new ApiClient(address(), NEW).get("/channels").status());
    }

    private static String signIn(String auth) {
        return "{\"event\":\"pusher:signin\",\"data\":{\"auth\":\"" + auth
                + "\",\"user_data\":\"{\\\"id\\\":\\\"1\\\"}\"}}";
    }

    private WireClient connect(Credentials app) {
        WireClient client = open(app);
        client.next("pusher:connection_established");
        return client;
    }

    private WireClient open(Credentials app) {
        WireClient client = WireClient.open(address(), app, "/app/" + app.key() + "?protocol=7", 0);
        opened.add(client);
        return client;
    }

    private static String yaml(Credentials... apps) {
        StringBuilder yaml = new StringBuilder("apps:\n");
        for (Credentials app : apps) {
            yaml.append("  - app_id: ")
                    .append(app.appId())
                    .append("\n    key: ")
                    .append(app.key())
                    .append("\n    secret: ")
                    .append(app.secret())
                    .append('\n');
        }
        return yaml.toString();
    }

    private InetSocketAddress address() {
        return Objects.requireNonNull(server).address();
    }

    private void start(String yaml, String grace) {
        try {
            file = Files.writeString(folder.resolve("reverb.yaml"), yaml);
            settings = Settings.load(
                    Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0", "REVERB_MANAGEMENT_PORT", "0",
                            "REVERB_APP_REMOVAL_GRACE", grace, "REVERB_EVENT_LOOPS", "1"),
                    Optional.of(file), Overrides.none());
            opened.add(settings);
            ReverbServer started = ReverbServer.start(settings.server(), settings.apps());
            opened.add(started);
            server = started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the file and returns when it is in force, as far as it can be. */
    private void write(String yaml) {
        long before = settings.reloads().reloads() + settings.reloads().failures();
        try {
            Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.value("the file in force",
                () -> settings.reloads().reloads() + settings.reloads().failures() > before ? yaml : null);
    }

    @Test
    void aRequestIsCarriedOutForAnApplicationThatIsThereWhenItsBodyIs() {
        start(yaml(OLD), "30s");
        WireClient client = connect(OLD);
        client.subscribe("news");
        String[] changes = {yaml(NEW), yaml(OLD) + "    enabled: false\n", NONE};
        int[] statuses = {401, 403, 404};
        for (int i = 0; i < changes.length; i++) {
            byte[] request = new ApiClient(address(), OLD).request("POST", "/events")
                    .body(ApiClient.event("late", "x", "news"))
                    .bytes();
            try (HttpSocket socket = HttpSocket.connect(address())) {
                socket.write(Arrays.copyOf(request, request.length - 5));
                write(changes[i]);
                socket.write(Arrays.copyOfRange(request, request.length - 5, request.length));
                assertEquals(statuses[i], socket.read().status(), changes[i]);
            }
            write(yaml(OLD));
            client = connect(OLD);
            client.subscribe("news");
        }
        new ApiClient(address(), OLD).publish("next", "x", "news");
        client.next("next");
    }

    @Test
    void aRequestIsCarriedOutWhileSomethingElseOfItsApplicationChanges() {
        start(yaml(OLD), "30s");
        byte[] request = new ApiClient(address(), OLD).request("POST", "/events")
                .body(ApiClient.event("late", "x", "news"))
                .bytes();
        WireClient client = connect(OLD);
        client.subscribe("news");
        try (HttpSocket socket = HttpSocket.connect(address())) {
            socket.write(Arrays.copyOf(request, request.length - 5));
            write(yaml(OLD) + "    ping_interval: 20\n");
            socket.write(Arrays.copyOfRange(request, request.length - 5, request.length));
            assertEquals(200, socket.read().status());
        }
        client.next("late");
    }

    @Test
    void clientsOfAKeyThatAnotherApplicationHasNowComeBackToThatOne() {
        start(yaml(OLD), "300ms");
        WireClient client = connect(OLD);
        Credentials renamed = new Credentials("store", OLD.key(), OLD.secret());
        write(yaml(renamed));

        client.awaitClose(4100);
        connect(renamed).subscribePrivate("private-a");
    }
}
