package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.tls.Authority;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.WebhookReceiver;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code reverb check --webhooks}: real receivers that take it, refuse it, redirect, stall, are away or untrusted. */
final class WebhookCheckTest {

    private static final Credentials SHOP = new Credentials("shop", "shop-key", "shop-secret");

    /** For those that answer: far more than they take on a busy machine. */
    private static final String PATIENT = "60s";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    private int check(boolean allowPrivate, String timeout, String... urls) throws Exception {
        String file = file(allowPrivate, timeout, urls).toString();
        return Main.run(new String[]{"check", "--config", file, "--webhooks"}, new PrintWriter(out, true),
                new PrintWriter(err, true));
    }

    private Path file(boolean allowPrivate, String timeout, String... urls) throws Exception {
        StringBuilder yaml = new StringBuilder("webhooks: {timeout: " + timeout + ", allow_private: " + allowPrivate
                + "}\napps:\n"
                + "  - app_id: shop\n    key: shop-key\n    secret: shop-secret\n    previous_secrets: [old]\n");
        if (urls.length > 0) {
            yaml.append("    webhooks:\n");
            List.of(urls).forEach(url -> yaml.append("      - \"").append(url).append("\"\n"));
        }
        return Files.writeString(folder.resolve("reverb.yaml"), yaml);
    }

    /** What is printed of the webhook at {@code place}. */
    private String of(int place) {
        return out.toString().lines().filter(line -> line.contains("webhooks[" + place + "]")).findFirst().orElse("");
    }

    @Test
    void aReceiverThatAnswersIsNamedWithItsStatusAndTime() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(SHOP)) {
            assertEquals(0, check(true, PATIENT, receiver.url()), out::toString);
            assertTrue(of(0).matches("  shop webhooks\\[0]\\s+http://127.0.0.1:\\d+: 200 after \\d+ ms"),
                    out::toString);
            assertEquals(1, receiver.requests());
            assertEquals(List.of(), receiver.problems());
            assertEquals(List.of(), receiver.events());
        }
    }

    @Test
    void whatIsWrongWithTheOthersIsSaidOfEach() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("localhost", 1);
        try (WebhookReceiver sound = new WebhookReceiver(SHOP);
                WebhookReceiver wrong = new WebhookReceiver(SHOP).answers(401);
                WebhookReceiver moved = new WebhookReceiver(SHOP).answers(302);
                WebhookReceiver untrusted = new WebhookReceiver(SHOP, authority.serverContext("localhost"))) {
            String away = "http://user:hunter2@127.0.0.1:" + RedisProcess.freePort() + "/path?token=hunter2";
            assertEquals(1, check(true, PATIENT, sound.url(), wrong.url(), moved.url(), untrusted.url(), away,
                    "http://no-such-host.invalid/", untrusted.url().replace("https:", "http:")), out::toString);
            assertEquals("reverb: 6 of 7 webhooks did not answer with 2xx", err.toString().strip());
            assertTrue(of(0).contains(": 200 after "), of(0));
            assertTrue(of(1).contains(" ms: 401: the receiver wants a login, or knows another key"), of(1));
            assertTrue(of(2).contains(" ms: 302, and redirections are not followed"), of(2));
            assertEquals(List.of("/hook"), moved.paths());
            assertTrue(of(3).contains(" ms: TLS: no authority that Java trusts has signed its certificate"), of(3));
            assertEquals(0, untrusted.requests());
            assertTrue(of(4).contains(" ms: no connection: Connection refused"), of(4));
            assertTrue(of(5).contains(" ms: the host no-such-host.invalid is not known"), of(5));
            assertTrue(of(6).contains(" ms: the answer is TLS, and the address says http:"), of(6));
            assertFalse((out.toString() + err).contains("hunter2"), out::toString);
        }
    }

    @Test
    void anAuthorityOfOnesOwnIsTrustedOnceJavaIsGivenItAndTheNameMustBeThatOfTheCertificate() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("localhost", 1);
        Path store = authority.trustStore();
        try (WebhookReceiver receiver = new WebhookReceiver(SHOP, authority.serverContext("localhost"))) {
            String config = file(true, PATIENT, receiver.url(), receiver.url().replace("localhost", "127.0.0.1"))
                    .toString();
            String trust = "-Djavax.net.ssl.trustStore=" + store + " -Djavax.net.ssl.trustStorePassword=changeit";
            try (Program check = Program.run(folder, Map.of("JAVA_TOOL_OPTIONS", trust), "check", "--config", config,
                    "--webhooks")) {
                assertEquals(1, check.exit(), check::output);
                out.write(check.output());
                assertTrue(of(0).contains(": 200 after "), out::toString);
                assertTrue(of(1).contains(" ms: TLS: ") && of(1).contains("127.0.0.1 found"), of(1));
                assertEquals(1, receiver.requests());
            }
        }
    }

    @Test
    void aReceiverThatStallsIsNamedAfterTheTimeOut() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(SHOP)) {
            receiver.stalls();
            assertEquals(1, check(true, "1s", receiver.url()));
            assertTrue(of(0).contains(" ms: no answer within 1000 ms"), of(0));
        }
    }

    @Test
    void aPrivateAddressIsRefusedUnlessAllowed() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(SHOP)) {
            assertEquals(1, check(false, PATIENT, receiver.url()));
            assertTrue(of(0).contains("127.0.0.1 has no public address; webhooks.allow_private allows others"), of(0));
            assertEquals(0, receiver.requests());
            assertEquals("reverb: 1 of 1 webhook did not answer with 2xx", err.toString().strip());
        }
    }

    @Test
    void whoHasNoneIsNotAnError() throws Exception {
        assertEquals(0, check(false, PATIENT));
        assertTrue(out.toString().contains("No application has webhooks."), out::toString);
    }
}
