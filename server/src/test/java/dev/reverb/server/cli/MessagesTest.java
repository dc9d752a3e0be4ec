package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.cli.check.CheckCommand;
import dev.reverb.server.cli.client.ConnectionProblem;
import dev.reverb.server.cli.client.Credentials;
import dev.reverb.server.cli.client.PublishCommand;
import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.cli.command.Hints;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.config.ServerConfig.DrainConfig;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people read in their first hour: words that they know from elsewhere, and settings that do not fit. */
final class MessagesTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"reverb:start|did you mean start?", "reverb:restart|did you mean restart?",
            "install|did you mean start?", "stop|did you mean restart?", "help|did you mean --help?",
            "--debug start|it goes behind the command: reverb start --debug",})
    void wordsOfOtherProgramsGetASuggestion(String line, String suggestion) throws Exception {
        assertEquals(2, run(line.split(" ")));
        assertTrue(err.toString().contains(suggestion), err.toString());
    }

    @ParameterizedTest
    @CsvSource({"check,--port", "check,--host", "start,--config", "check,--hostname"})
    void anEmptyFlagIsRefused(String command, String flag) throws Exception {
        assertEquals(2, run(command, flag, ""));
        assertEquals("reverb: " + flag + ": \"\" is not allowed; give a value, or leave " + flag + " out",
                err.toString().strip());
    }

    @Test
    void whatClientsWouldTakeForTheProtocolOrCannotDecryptIsNotPublished() throws Exception {
        assertEquals(2, run("publish", "--channel", "c", "--event", "pusher:error"));
        assertTrue(err.toString().contains("are the protocol's own"), err.toString());
        assertEquals(2, run("publish", "--channel", "private-encrypted-c", "--event", "e"));
        assertTrue(err.toString().contains("takes encrypted data only"), err.toString());
    }

    @Test
    void oneOfSeveralApplicationsHasToBeNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("reverb.yaml"),
                "apps: [{app_id: shop, key: k1, secret: s}, {app_id: chat, key: k2, secret: s}]");
        assertEquals(1, run("publish", "--config", file.toString(), "--channel", "c", "--event", "e"));
        assertEquals("reverb: 2 applications are configured (chat, shop); say which one by --app-id",
                err.toString().strip());
        Credentials chat = Credentials.of(new Arguments(Map.of("--config", file.toString(), "--app-id", "chat")),
                surroundings(Map.of(), Map.of("--config", file.toString())));
        assertEquals("k2", chat.key());
    }

    @Test
    void anApplicationThatTheSettingsDoNotHaveIsSaidWithThoseThatTheyHave() throws Exception {
        Path file = Files.writeString(folder.resolve("reverb.yaml"),
                "apps: [{app_id: shop, key: k1, secret: s}, {app_id: chat, key: k2, secret: s}]");
        for (String flag : List.of("--app-id chta", "--key chat")) {
            err.getBuffer().setLength(0);
            assertEquals(1, run(("publish --config " + file + " --channel c --event e --secret s " + flag).split(" ")));
            assertEquals("reverb: no application of the settings has " + flag.replace(" ", " \"")
                    + "\"; there are chat (key k2), shop (key k1)", err.toString().strip());
        }
    }

    @Test
    void theSecretComesFromAVariableOrAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), "hunter2\n");
        Map<String, String> flags = Map.of("--app-id", "shop", "--key", "k", "--secret-file", file.toString());
        assertEquals("hunter2", Credentials.of(new Arguments(flags), surroundings(Map.of(), flags)).secret());
        Map<String, String> two = Map.of("--app-id", "shop", "--key", "k");
        assertEquals("hunter3",
                Credentials.of(new Arguments(two), surroundings(Map.of("REVERB_APP_SECRET", "hunter3"), two)).secret());
        CommandFailedException missing = assertThrows(CommandFailedException.class,
                () -> Credentials.of(new Arguments(two), surroundings(Map.of(), two)));
        assertTrue(String.valueOf(missing.getMessage()).contains("set REVERB_APP_SECRET"), missing.toString());
    }

    @Test
    void whatNoApplicationCanBeCalledIsRefusedAndQuotesAreLeftOut() throws Exception {
        assertEquals(1,
                run("publish", "--channel", "c", "--event", "e", "--app-id", "a b", "--key", "k", "--secret", "s"));
        assertEquals("reverb: --app-id: \"a b\" is not allowed; allowed is 1 to 200 letters, digits and . _ ~ -",
                err.toString().strip());
        Map<String, String> variables = new HashMap<>(
                Map.of("REVERB_APP_ID", "\"shop\"", "REVERB_APP_KEY", "'k'", "REVERB_APP_SECRET", "\"hunter2\""));
        Credentials shop = Credentials.of(Arguments.none(), surroundings(variables, Map.of()));
        assertEquals(List.of("shop", "k", "hunter2"), List.of(shop.id(), shop.key(), shop.secret()));
        variables.put("REVERB_APP_KEY", "k/l");
        CommandFailedException refused = assertThrows(CommandFailedException.class,
                () -> Credentials.of(Arguments.none(), surroundings(variables, Map.of())));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("REVERB_APP_KEY: \"k/l\" is not allowed"),
                refused.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "401|{\"error\":\"auth_key is not the key\"}|`: auth_key is not the key`",
            "404|{\"error\":\"There is nothing at /ws/apps/a/events\"}|"
                    + "--url is the server's address, with its path prefix",
            "405|{\"error\":\"Method POST is not allowed here; allowed: GET\"}|--url is the server's address",
            "405|allowed: GET, HEAD|that is the management port", "404|<html>|is it a Reverb server",
            "422|{\"channels\":[\"no\"]}|`422: {\"channels\":[\"no\"]}`",})
    void whyAServerRefusesIsSaidInItsWordsWithWhatIsProbablyMeant(int status, String body, String expected) {
        String said = ConnectionProblem.refused(URI.create("http://a"), status, body.getBytes(StandardCharsets.UTF_8));
        assertTrue(said.startsWith("http://a answered " + status + ": ") && said.contains(expected), said);
    }

    @Test
    void whyAServerDoesNotAnswerIsSaidWithWhatToDo() {
        URI server = URI.create("https://ws.example.com");
        assertSaid(new ConnectException(), server, "nothing listens there (connection refused)");
        assertSaid(new SSLException("Unsupported or unrecognized SSL message"), server, "speaks plain HTTP");
        assertSaid(new SSLHandshakeException("PKIX path building failed: sun.security"), server,
                "no authority that Java knows has signed it; name its authority's certificate by --cafile FILE");
        assertSaid(new IOException("HTTP/1.1 header parser received no bytes"), URI.create("http://a:1"),
                "if it serves TLS, say --url https://");
    }

    private static void assertSaid(IOException failure, URI server, String expected) {
        String said = ConnectionProblem.say(server, failure);
        assertTrue(said.contains(expected), said);
        assertFalse(said.contains("PKIX") || said.contains("Exception"), said);
    }

    @Test
    void anEventSaysWhomItReached() {
        assertEquals("2 channels: a has 3 subscribers, b has no subscribers", PublishCommand.reached(List.of("a", "b"),
                "{\"channels\":{\"a\":{\"subscription_count\":3},\"b\":{}}}"));
        assertEquals("1 channel", PublishCommand.reached(List.of("presence-a"), "{\"channels\":{\"presence-a\":{}}}"));
        assertEquals("1 channel", PublishCommand.reached(List.of("a"), "{}"));
    }

    @Test
    void whatIsAllowedAndSeldomMeantIsHintedAt() {
        assertHint(Map.of("REVERB_HOST", "laravel.test"), true, "no certificate for laravel.test was found");
        assertHint(Map.of("REVERB_HOST", "ws.example.com"), false, "a proxy in front has to end TLS");
        assertHint(Map.of("REVERB_PORT", "9000"), false,
                "REVERB_PORT=9000 is the port that clients connect to; this server listens on 8080");
        assertHint(Map.of("REVERB_SERVER_PATH", "/app"), false, "clients connect to /app/app/KEY");
        assertEquals(List.of(),
                hints(Map.of("REVERB_HOST", "localhost", "REVERB_SCHEME", "http", "REVERB_PORT", "8080"), false));
    }

    private void assertHint(Map<String, String> variables, boolean hostname, String expected) {
        List<String> hints = hints(variables, hostname);
        assertEquals(1, hints.size(), hints.toString());
        assertTrue(hints.getFirst().contains(expected), hints.toString());
    }

    private List<String> hints(Map<String, String> variables, boolean hostname) {
        Map<String, String> all = new HashMap<>(variables);
        all.put("HOME", folder.toString());
        return Hints.of(Settings.read(all, Optional.empty(), Overrides.none()), all, hostname, false);
    }

    @Test
    void aLaravelApplicationsFileIsTaken() throws Exception {
        Files.writeString(folder.resolve("artisan"), "");
        Path file = Files.writeString(folder.resolve(".env"), """
            APP_NAME=Laravel
            REVERB_APP_ID=my-app
            REVERB_APP_KEY="my-key"
            REVERB_APP_SECRET='my secret' # of the example
            REVERB_HOST="localhost"
            REVERB_PORT=8080
            REVERB_SCHEME=http
            VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"
            """);
        Surroundings taken = Surroundings.of(Map.of("REVERB_APP_KEY", "of-the-shell"), Arguments.none(), folder);
        assertEquals("of-the-shell", taken.variables().get("REVERB_APP_KEY"));
        assertEquals("my secret", taken.variables().get("REVERB_APP_SECRET"));
        assertEquals(null, taken.variables().get("APP_NAME"));
        assertEquals(
                List.of("This is a Laravel application: from " + file
                        + " are taken REVERB_APP_ID, REVERB_APP_SECRET, REVERB_HOST, REVERB_PORT, REVERB_SCHEME"),
                taken.notes());
        Files.writeString(file, "APP_NAME=Laravel\n");
        assertTrue(Surroundings.of(Map.of(), Arguments.none(), folder)
                .notes()
                .getFirst()
                .contains("lacks REVERB_APP_ID, REVERB_APP_KEY, REVERB_APP_SECRET, so "));
        Files.writeString(file, "REVERB_APP_ID=a\nREVERB_APP_KEY=k\n");
        assertTrue(Surroundings.of(Map.of(), Arguments.none(), folder)
                .notes()
                .getLast()
                .contains("lacks REVERB_APP_SECRET, so its application is not served; php artisan"));
        Files.writeString(file, "PUSHER_APP_ID=a\nPUSHER_APP_KEY=k\nPUSHER_APP_SECRET=s\n");
        assertTrue(Surroundings.of(Map.of(), Arguments.none(), folder)
                .notes()
                .getFirst()
                .endsWith("give them the values of its PUSHER_APP_ID, PUSHER_APP_KEY and PUSHER_APP_SECRET"));
    }

    @Test
    void whatIsWrongInAFileOfVariablesIsSaidWithTheFile() throws Exception {
        Files.writeString(folder.resolve("artisan"), "");
        Path file = folder.resolve(".env");
        for (List<String> wrong : List.of(
                List.of("REVERB_PORT=http\n",
                        "REVERB_PORT: \"http\" is not allowed; allowed is a whole number from 1 to 65535"),
                List.of("REVERB_APP_ID=a\nREVERB_APP_KEY=k\n",
                        "application in the environment: REVERB_APP_SECRET is missing; an application needs all of "
                                + "REVERB_APP_ID, REVERB_APP_KEY, REVERB_APP_SECRET"))) {
            Files.writeString(file, wrong.getFirst());
            SettingsException refused = assertThrows(SettingsException.class,
                    () -> Surroundings.of(Map.of(), Arguments.none(), folder).read(Overrides.none()));
            assertEquals(wrong.getLast() + " (it stands in " + file + ")", refused.getMessage());
        }
        Files.writeString(file, "REVERB_PORT=9000\n");
        SettingsException refused = assertThrows(SettingsException.class,
                () -> Surroundings.of(Map.of("REVERB_PORT", "http"), Arguments.none(), folder).read(Overrides.none()));
        assertFalse(String.valueOf(refused.getMessage()).contains(file.toString()), refused.toString());
    }

    @Test
    void emptyVariablesOfALaravelApplicationAreNoneAndAFileThatIsNotReadIsNamed() throws Exception {
        Path file = folder.resolve(".env");
        Files.writeString(file, "REVERB_APP_ID=null\nREVERB_APP_KEY=\nREVERB_HOST=localhost\n");
        assertEquals(
                List.of(file + " has variables of this server and is not read, as this is no Laravel application's "
                        + "folder (no artisan); in a shell: set -a; . ./.env; set +a"),
                Surroundings.of(Map.of(), Arguments.none(), folder).notes());
        assertEquals(List.of(),
                Surroundings
                        .of(Map.of("REVERB_APP_ID", "a", "REVERB_APP_KEY", "k", "REVERB_APP_SECRET", "s"),
                                Arguments.none(), folder)
                        .notes());
        Files.writeString(folder.resolve("artisan"), "");
        assertEquals(
                List.of("This is a Laravel application: from " + file + " is taken REVERB_HOST",
                        file + " lacks REVERB_APP_ID, REVERB_APP_KEY, REVERB_APP_SECRET, so its application is not "
                                + "served; php artisan install:broadcasting --reverb writes them"),
                Surroundings.of(Map.of(), Arguments.none(), folder).notes());
        Files.delete(file);
        assertEquals(
                List.of("This is a Laravel application without a " + file
                        + ": its application is not served; cp .env.example .env, or set REVERB_APP_ID, "
                        + "REVERB_APP_KEY and REVERB_APP_SECRET"),
                Surroundings.of(Map.of(), Arguments.none(), folder).notes());
    }

    @Test
    void aClusterMakesNoApplicationUp() throws Exception {
        Surroundings cluster = surroundings(Map.of("REVERB_SCALING_ENABLED", "true"), Map.of());
        CommandFailedException refused = assertThrows(CommandFailedException.class,
                () -> cluster.refuseDevelopment(cluster.read(Overrides.none())));
        assertTrue(String.valueOf(refused.getMessage()).contains("every node would make one of its own"),
                refused.toString());
    }

    @Test
    void checkSaysWhenACertificateEndsAndWhatARestartLooksLike() {
        Instant now = Instant.parse("2026-06-01T00:00:00Z");
        assertEquals("EXPIRED 2026-05-31T00:00:00Z: clients refuse it, renew it",
                CheckCommand.ends(Instant.parse("2026-05-31T00:00:00Z"), now));
        assertEquals("ends 2026-06-04T00:00:00Z, in 3 days: renew it",
                CheckCommand.ends(Instant.parse("2026-06-04T00:00:00Z"), now));
        assertEquals("ends 2027-06-01T00:00:00Z", CheckCommand.ends(Instant.parse("2027-06-01T00:00:00Z"), now));
        assertEquals(
                "connections close over 30 s, at least 100 a second with 4100; clients are back a second after "
                        + "the new server listens",
                CheckCommand.restart(
                        new DrainConfig(Optional.of(Duration.ofSeconds(30)), 100, Duration.ofSeconds(5), Duration.ZERO),
                        false));
    }

    private Surroundings surroundings(Map<String, String> environment, Map<String, String> flags) {
        return Surroundings.of(environment, new Arguments(flags), folder);
    }

    private int run(String... arguments) throws Exception {
        return Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}
