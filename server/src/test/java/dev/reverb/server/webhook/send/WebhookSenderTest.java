package dev.reverb.server.webhook.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.tls.Authority;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.WebhookReceiver;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes to receivers that are slow, dead, forged, endless, or elsewhere than their name says. */
@Timeout(120)
final class WebhookSenderTest {

    private static final Credentials SHOP = new Credentials("shop", "shop-key", "shop-secret");
    private static final Credentials CHAT = new Credentials("chat", "chat-key", "chat-secret");
    /** Of the former 6bone: nobody's, though not in a range that is refused. */
    private static final String PUBLIC_AND_DEAD = "3ffe::1";

    private final List<AutoCloseable> opened = new ArrayList<>();
    private int events;

    @TempDir
    Path folder;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    private WebhookReceiver receiver(Credentials app) throws IOException {
        WebhookReceiver receiver = new WebhookReceiver(app);
        opened.add(receiver);
        return receiver;
    }

    private WebhookSender sender(boolean allowPrivate, HostResolver resolver, @Nullable SslContext tls, String timeout,
            List<String> shop, List<String> chat) throws IOException {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), """
            webhooks: {allow_private: %s, timeout: %s}
            apps:
              - {app_id: shop, key: shop-key, secret: shop-secret, webhooks: %s}
              - {app_id: chat, key: chat-key, secret: chat-secret, webhooks: %s}
            """.formatted(allowPrivate, timeout, shop, chat));
        Settings settings = Settings.read(Map.of(), Optional.of(file), Overrides.none());
        WebhookSender sender = new WebhookSender(settings.apps(), settings.server().webhooks(), (_, _) -> {}, resolver,
                tls);
        opened.add(sender);
        return sender;
    }

    private void deliver(WebhookSender sender, String app, String channel) {
        sender.deliver(new WebhookEvent("id-" + ++events, WebhookEvent.Type.CHANNEL_OCCUPIED,
                new ChannelId(app, channel), "", ""), () -> {});
    }

    private static double failed(WebhookSender sender) {
        return sender.count("shop", 0, EndpointMeters::failed);
    }

    private static String[] occupied(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "channel_occupied c-" + i).toArray(String[]::new);
    }

    private static void awaitEvents(WebhookReceiver receiver, String... expected) {
        Await.until(Await.PATIENCE, () -> receiver.events().toString(),
                () -> receiver.events().equals(List.of(expected)));
        assertEquals(List.of(), receiver.problems());
    }

    @Test
    void aReceiverThatDiesBetweenRequestsAndWithinOneGetsAllOnceInOrderWhenItIsBack() throws Exception {
        WebhookReceiver receiver = receiver(SHOP);
        WebhookSender sender = sender(true, HostResolver.SYSTEM, null, "60s", List.of(receiver.url()), List.of());
        deliver(sender, "shop", "c-0");
        awaitEvents(receiver, occupied(0, 1));
        receiver.dies();
        deliver(sender, "shop", "c-1");
        Await.until("a request finds nobody", () -> failed(sender) >= 1);
        receiver.hangsUp();
        receiver.rises();
        int before = receiver.requests();
        deliver(sender, "shop", "c-2");
        Await.until("it takes events and dies before it answers", () -> receiver.requests() > before + 1);
        receiver.answersAgain();
        deliver(sender, "shop", "c-3");
        awaitEvents(receiver, occupied(0, 4));
        Await.until("nothing waits", () -> sender.count("shop", 0, EndpointMeters::waiting) == 0);
        assertEquals(4, sender.count("shop", 0, EndpointMeters::delivered));
        assertEquals(0, sender.count("shop", 0, EndpointMeters::dropped));
    }

    @Test
    void oneLineNamesTheEndpointThatFailsAmongSeveralOfOneHost() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        Handler kept = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                lines.add(entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger("reverb.webhook");
        log.addHandler(kept);
        try {
            WebhookReceiver receiver = receiver(SHOP).answers(500);
            WebhookReceiver sound = receiver(SHOP);
            WebhookSender sender = sender(true, HostResolver.SYSTEM, null, "60s", List.of(sound.url(), receiver.url()),
                    List.of());
            deliver(sender, "shop", "c-0");
            Await.until("it failed twice", () -> sender.count("shop", 1, EndpointMeters::failed) >= 2);
            assertEquals(1, lines.size(), lines::toString);
            assertTrue(lines.getFirst().startsWith("webhooks[1] http://127.0.0.1:"), lines::toString);
            assertTrue(lines.getFirst().endsWith(" of the application shop failed: 500; it is tried again"),
                    lines::toString);
        } finally {
            log.removeHandler(kept);
        }
    }

    @Test
    void receiversOfOneApplicationThatStallOrDieDelayNoOthers() throws Exception {
        WebhookReceiver stalled = receiver(SHOP);
        WebhookReceiver dead = receiver(SHOP);
        stalled.stalls();
        dead.dies();
        WebhookReceiver sound = receiver(CHAT);
        List<String> many = new ArrayList<>(List.of(dead.url()));
        IntStream.range(0, 40).forEach(i -> many.add("\"" + stalled.url() + i + "\""));
        WebhookSender sender = sender(true, HostResolver.SYSTEM, null, "120s", many, List.of(sound.url()));
        deliver(sender, "shop", "c-0");
        Await.until("all stall", () -> stalled.requests() == 40);
        IntStream.range(0, 500).forEach(i -> deliver(sender, "shop", "more"));
        IntStream.range(0, 20).forEach(i -> deliver(sender, "chat", "c-" + i));
        awaitEvents(sound, occupied(0, 20));
        assertEquals(40, stalled.requests());
    }

    @Test
    void nameServersOfOneApplicationThatDoNotAnswerDelayNoOthers() throws Exception {
        WebhookReceiver sound = receiver(CHAT);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        opened.add(never::countDown);
        List<String> hanging = IntStream.range(0, 60).mapToObj(i -> "\"http://hanging-" + i + ".test/\"").toList();
        WebhookSender sender = sender(true, host -> {
            if (host.startsWith("hanging")) {
                asked.countDown();
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new UnknownHostException(host);
            }
            return InetAddress.getAllByName(host);
        }, null, "120s", hanging, List.of(sound.url()));
        deliver(sender, "shop", "c-0");
        asked.await();
        deliver(sender, "chat", "c-0");
        awaitEvents(sound, occupied(0, 1));
    }

    @Test
    void aNameWhoseAddressBecomesPrivateIsCheckedWhereItIsConnectedTo() throws Exception {
        WebhookReceiver receiver = receiver(SHOP);
        AtomicInteger asked = new AtomicInteger();
        HostResolver changing = _ -> switch (asked.getAndIncrement() % 5) {
            case 0 -> InetAddress.getAllByName(PUBLIC_AND_DEAD);
            case 1 -> new InetAddress[]{InetAddress.ofLiteral(PUBLIC_AND_DEAD), InetAddress.getLoopbackAddress()};
            case 2 -> InetAddress.getAllByName("::ffff:127.0.0.1");
            case 3 -> InetAddress.getAllByName("::1");
            default -> InetAddress.getAllByName("127.0.0.1");
        };
        String url = "http://rebinding.test:" + receiver.port() + "/";
        WebhookSender refusing = sender(false, changing, null, "1s", List.of(url), List.of());
        deliver(refusing, "shop", "c-0");
        Await.until(Await.PATIENCE, () -> failed(refusing) + " failed", () -> failed(refusing) >= 5);
        assertEquals(0, receiver.requests());
        assertTrue(asked.get() >= 5, "looked up " + asked);
        asked.set(1);
        WebhookSender allowing = sender(true, changing, null, "1s", List.of(url), List.of());
        deliver(allowing, "shop", "c-1");
        awaitEvents(receiver, occupied(1, 2));
    }

    @Test
    void aReceiverWhoseCertificateIsUntrustedOrForAnotherNameGetsNothing() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("localhost", 1);
        WebhookReceiver receiver = new WebhookReceiver(SHOP, authority.serverContext("localhost"));
        opened.add(receiver);
        WebhookSender strict = sender(true, HostResolver.SYSTEM, null, "60s", List.of(receiver.url()), List.of());
        deliver(strict, "shop", "c-0");
        Await.until("the certificate is refused", () -> failed(strict) >= 1);
        SslContext trusting = SslContextBuilder.forClient()
                .trustManager(folder.resolve("ca.pem").toFile())
                .endpointIdentificationAlgorithm("HTTPS")
                .build();
        WebhookSender misled = sender(true, _ -> InetAddress.getAllByName("127.0.0.1"), trusting, "60s",
                List.of("https://elsewhere.test:" + receiver.port() + "/"), List.of());
        deliver(misled, "shop", "c-0");
        Await.until("the name is refused", () -> failed(misled) >= 1);
        assertEquals(0, receiver.requests());
        WebhookSender sound = sender(true, HostResolver.SYSTEM, trusting, "60s", List.of(receiver.url()), List.of());
        deliver(sound, "shop", "c-0");
        awaitEvents(receiver, occupied(0, 1));
    }

    @Test
    void ofAnAnswerThatDoesNotEndOnlySoMuchIsRead() throws Exception {
        AtomicLong written = new AtomicLong();
        AtomicInteger cut = new AtomicInteger();
        ServerSocket endless = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        opened.add(endless);
        Thread.ofVirtual().start(() -> {
            while (!endless.isClosed()) {
                try (Socket socket = endless.accept(); OutputStream out = socket.getOutputStream()) {
                    socket.getInputStream().read(new byte[64 * 1024]);
                    out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    byte[] part = new byte[16 * 1024];
                    while (true) {
                        out.write(part);
                        written.addAndGet(part.length);
                    }
                } catch (IOException e) {
                    cut.incrementAndGet();
                }
            }
        });
        WebhookSender sender = sender(true, HostResolver.SYSTEM, null, "120s",
                List.of("http://127.0.0.1:" + endless.getLocalPort() + "/"), List.of());
        for (int i = 0; i < 3; i++) {
            int delivered = i + 1;
            deliver(sender, "shop", "c-" + i);
            Await.until("it counts as delivered",
                    () -> sender.count("shop", 0, EndpointMeters::delivered) == delivered);
            Await.until("the connection is cut", () -> cut.get() == delivered);
        }
        assertEquals(0, failed(sender));
        assertTrue(written.get() < 64 << 20, written + " bytes written"); // buffers of the system are in it
    }

    @Test
    void aServiceWithAnUnderscoreInItsNameReceivesTheNameAndThePasswordOfItsUrlDecoded() throws Exception {
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HostResolver names = host -> {
                if (!host.equals("my_service")) {
                    throw new UnknownHostException(host);
                }
                return new InetAddress[]{InetAddress.getLoopbackAddress()};
            };
            String url = "http://m%40e:p%3Aw%25@my_service:" + service.getLocalPort() + "/hook";
            WebhookSender sender = sender(true, names, null, "60s",
                    List.of("{url: \"" + url + "\", headers: {X-Shop: \"Caf\u00e9 \u20ac\"}}"), List.of());
            deliver(sender, "shop", "c-0");
            try (Socket accepted = service.accept()) {
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(accepted.getInputStream(), StandardCharsets.UTF_8));
                assertEquals("POST /hook HTTP/1.1", lines.readLine());
                List<String> headers = new ArrayList<>();
                for (String line = lines.readLine(); !line.isEmpty(); line = lines.readLine()) {
                    headers.add(line.toLowerCase(Locale.ROOT));
                }
                String basic = Base64.getEncoder().encodeToString("m@e:p:w%".getBytes(StandardCharsets.UTF_8));
                assertTrue(headers.contains("authorization: basic " + basic.toLowerCase(Locale.ROOT)),
                        headers.toString());
                assertTrue(headers.contains("x-shop: caf\u00e9 \u20ac"), headers.toString());
                assertTrue(headers.contains("host: my_service:" + service.getLocalPort()), headers.toString());
            }
        }
    }
}
