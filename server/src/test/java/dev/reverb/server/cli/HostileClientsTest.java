package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.tls.Authority;
import dev.reverb.server.tls.TrustAll;
import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many hostile clients of one kind against a server with little memory and few descriptors: it lives, those who were
 * there before get every event, and who comes after is served. How long the others wait is printed, and judged where
 * there is time to measure it.
 */
final class HostileClientsTest {

    private static final Credentials SHOP = new Credentials("shop", "shop-key", "hunter2");
    private static final long PACE_NANOS = 50_000_000;
    private static final int SUBSCRIBERS = 3;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void twoHundredAreHeldOff(HostileKind kind) throws Exception {
        holdOff(kind, 200, 400, Duration.ofSeconds(3), false);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void aThousandAreHeldOff(HostileKind kind) throws Exception {
        holdOff(kind, 1_000, 2_000, Duration.ofSeconds(20), true);
    }

    /** Fewer descriptors than there are clients. */
    @ParameterizedTest
    @EnumSource(names = {"SLOW_HEADS", "UNREAD_REPLIES", "CONNECT_FLOOD", "SILENCE"})
    @Tag("slow")
    void fewDescriptorsAreNotUsedUp(HostileKind kind) throws Exception {
        holdOff(kind, 300, 200, Duration.ofSeconds(3), false);
    }

    /** @param judged whether the others may wait 100 ms, or ten times what they wait when it is calm, and no longer */
    private void holdOff(HostileKind kind, int clients, int openFiles, Duration length, boolean judged)
            throws Exception {
        Map<String, String> environment = ProgramTest.oneApp();
        environment.put("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "all");
        environment.put("CP", Program.classPath());
        if (kind.tls()) {
            Authority authority = Authority.create(folder);
            authority.issue("localhost", 1);
            environment.put("REVERB_TLS_CERT", authority.certificate("localhost").toString());
            environment.put("REVERB_TLS_KEY", authority.key("localhost").toString());
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of("bash", "-c",
                "ulimit -n " + openFiles + "; exec " + java
                        + " -Xmx128m -XX:MaxDirectMemorySize=32m -XX:+ExitOnOutOfMemoryError -XX:+UseSerialGC"
                        + " -XX:TieredStopAtLevel=1 -Djava.io.tmpdir=. -cp \"$CP\" dev.reverb.server.cli.Main start");
        try (Program server = Program.execute(folder, environment, command)) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            List<WireClient> subscribers = new ArrayList<>();
            for (int i = 0; i < SUBSCRIBERS; i++) {
                subscribers.add(join(address, kind.tls()));
            }
            try (HttpSocket api = connect(address, kind.tls())) {
                p99(api, subscribers, Duration.ofSeconds(1)); // until it is warm
                long calm = judged ? p99(api, subscribers, Duration.ofMillis(1_500)) : 0;
                long connected;
                long p99;
                try (Program attack = attack(kind, clients, address)) {
                    attack.await(
                            line -> line.startsWith("connections ") && Long.parseLong(line.substring(12)) >= clients);
                    p99 = p99(api, subscribers, length);
                    connected = Long.parseLong(attack.output().replaceAll("(?s).*connections ", ""));
                }
                System.out.println(kind + ": " + clients + " clients, " + connected + " connections, p99 of the others "
                        + p99 + " ms" + (judged ? ", when calm " + calm + " ms" : ""));
                assertTrue(connected > 0, "nobody came");
                assertTrue(!judged || p99 <= Math.max(100, 10 * calm),
                        () -> "the others wait " + p99 + " ms instead of " + calm);
                assertFalse(server.output().contains("OutOfMemory"), server::output);
                assertFalse(server.output().contains("OutOfDirectMemory"), server::output);
                assertFalse(server.output().contains("Too many open files"), server::output);
                subscribers.add(join(address, kind.tls())); // who comes after is served
                p99(api, subscribers, Duration.ofMillis(200));
            } finally {
                subscribers.forEach(WireClient::close);
            }
        }
    }

    /** In a process of their own, behind server and others where the processor is short: that is no server's fault. */
    private Program attack(HostileKind kind, int clients, InetSocketAddress address) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return Program.execute(folder, Map.of(),
                List.of("nice", "-n", "5", java, "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                        Program.classPath(), HostileClients.class.getName(), kind.name(), Integer.toString(clients),
                        Integer.toString(address.getPort())));
    }

    private static HttpSocket connect(InetSocketAddress address, boolean tls) {
        return tls ? HttpSocket.connect(address, TrustAll.CONTEXT.getSocketFactory()) : HttpSocket.connect(address);
    }

    private static WireClient join(InetSocketAddress address, boolean tls) {
        WireClient client = WireClient.open(connect(address, tls), SHOP, "/app/shop-key?protocol=7");
        client.next("pusher:connection_established");
        client.subscribe("news");
        return client;
    }

    /** Publishes at a steady pace; the 99th percentile of the time until the last subscriber has an event, ms. */
    private static long p99(HttpSocket api, List<WireClient> subscribers, Duration length) {
        List<Long> times = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; System.nanoTime() - start < length.toNanos(); i++) {
            long due = start + i * PACE_NANOS; // who waits makes the next ones late, which counts
            while (due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            byte[] event = ApiClient.event("n", Integer.toString(i), "news").getBytes(StandardCharsets.UTF_8);
            api.write(new ApiRequest(SHOP, "POST", "/apps/shop/events").body(event).bytes());
            assertEquals(200, api.read().status());
            for (WireClient subscriber : subscribers) {
                assertEquals(Integer.toString(i), subscriber.next("n").data());
            }
            times.add((System.nanoTime() - due) / 1_000_000);
        }
        Collections.sort(times);
        return times.get(times.size() * 99 / 100);
    }
}
