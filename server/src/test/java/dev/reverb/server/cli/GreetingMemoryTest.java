package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.WireClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with little memory outside the heap, and a room whose list of members is a good part of it. */
final class GreetingMemoryTest {

    private static final Credentials SHOP = new Credentials("shop", "shop-key", "hunter2");
    private static final int MEMBERS = 10;
    private static final int MEMBER_BYTES = 700_000;
    /** What they would take together is more than all there is. */
    private static final int READ_NOTHING = 15;

    @TempDir
    Path folder;

    @Test
    void greetingsThatNobodyReadsMakeRoomForThoseThatAreRead() throws Exception {
        Map<String, String> environment = ProgramTest.oneApp();
        environment.put("REVERB_EVENT_LOOPS", "1");
        environment.put("REVERB_APP_MAX_MESSAGE_SIZE", "1000000");
        environment.put("REVERB_APP_MAX_PRESENCE_MEMBER_SIZE", "800000");
        environment.put("CP", Program.classPath());
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try (Program server = Program.execute(folder, environment,
                List.of("bash", "-c", "exec " + java + " -Xmx512m -XX:MaxDirectMemorySize=64m -XX:+UseSerialGC"
                        + " -XX:TieredStopAtLevel=1 -cp \"$CP\" dev.reverb.server.cli.Main start"))) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            List<WireClient> clients = new ArrayList<>();
            for (int i = 0; i < MEMBERS; i++) {
                WireClient member = connect(address, 0);
                clients.add(member);
                join(member, "m" + i, "x".repeat(MEMBER_BYTES));
                member.next("pusher_internal:subscription_succeeded");
                member.onlyCounting();
            }
            List<WireClient> unread = new ArrayList<>();
            for (int i = 0; i < READ_NOTHING; i++) {
                WireClient client = connect(address, 4096);
                client.pauseReading();
                client.send("{\"event\":\"pusher:ping\"}"); // the last message that it reads
                join(client, "u", "");
                unread.add(client);
                clients.add(client);
            }
            WireClient next = connect(address, 0);
            clients.add(next);
            join(next, "next", "");
            assertEquals("presence-hall", next.next("pusher_internal:subscription_succeeded").channel());
            unread.getFirst().resumeReading();
            unread.getFirst().awaitEnd(); // it was cut off
            assertFalse(server.output().contains("OutOfDirectMemory"), server::output);
            clients.forEach(WireClient::close);
        }
    }

    private static WireClient connect(InetSocketAddress address, int receiveBuffer) {
        WireClient client = WireClient.open(address, SHOP, "/app/shop-key?protocol=7", receiveBuffer);
        client.next("pusher:connection_established");
        return client;
    }

    private static void join(WireClient client, String user, String info) {
        String data = "{\"user_id\":\"" + user + "\",\"user_info\":\"" + info + "\"}";
        client.askFor("presence-hall", SHOP.auth(client.socketId(), "presence-hall", data), data);
    }
}
