package dev.reverb.server.cli.client;

import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CliCommand;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.cli.log.TextLines;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Shows what happens to an application on a running server, until it is interrupted. */
public final class TailCommand implements CliCommand {
    private static final Flag APP = Flag.of("--app", "ID", "The application, as --app-id.");
    private static final Flag CHANNEL = Flag.of("--channel", "NAME", "Leaves out what concerns other channels.");

    /** A server sends at least an empty line every 15 s. */
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final String FIRST = "-- tail of application ";

    @Override
    public String name() {
        return "tail";
    }

    @Override
    public List<String> help() {
        return List.of("Shows what happens to an application on a running server until Ctrl-C.",
                "A line each: who connects, is closed or refused, and why; API requests with their status; events with "
                        + "their",
                "receivers.",
                "Address and credentials come from the flags, else from the settings that a start here would use.");
    }

    @Override
    public List<Flag> flags() {
        List<Flag> flags = new ArrayList<>(List.of(APP, CHANNEL));
        flags.addAll(ServerAddress.FLAGS);
        return flags;
    }

    @Override
    public List<String> examples() {
        return List.of("reverb tail", "reverb tail --app shop --channel private-orders.7",
                "REVERB_APP_SECRET=... reverb tail --app shop --key shop-key --url https://ws.example.com");
    }

    @Override
    public int run(Arguments given, PrintWriter out) throws InterruptedException {
        Map<String, String> values = new HashMap<>(given.values());
        given.find(APP.name()).ifPresent(id -> values.putIfAbsent(Credentials.APP_ID.name(), id));
        Arguments arguments = new Arguments(Map.copyOf(values));
        Surroundings surroundings = Surroundings.of(arguments);
        Credentials credentials = Credentials.of(arguments, surroundings);
        URI base = ServerAddress.of(arguments, surroundings);
        SignedRequest request = new SignedRequest(base, credentials.key(), credentials.secret(),
                ServerAddress.trust(arguments));
        HttpClient client = request.client();
        try {
            HttpResponse<InputStream> response = request.stream(client, "/apps/" + credentials.id() + "/tail",
                    arguments.find(CHANNEL.name()));
            if (response.statusCode() != 200) {
                throw new CommandFailedException(
                        ConnectionProblem.refused(base, response.statusCode(), response.body().readNBytes(1_000)));
            }
            follow(base, response.body(), out);
            return 1;
        } catch (IOException e) {
            throw new CommandFailedException(ConnectionProblem.say(base, e));
        } finally {
            client.shutdownNow();
        }
    }

    /** Prints what comes, until the stream ends or what is printed is read no longer. */
    private static void follow(URI base, InputStream body, PrintWriter out) throws IOException {
        AtomicLong last = new AtomicLong(System.nanoTime());
        Thread watch = Thread.ofVirtual().start(() -> endWhenSilent(body, last));
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            boolean first = true;
            for (@Nullable
            String line = lines.readLine(); line != null; line = lines.readLine()) {
                last.set(System.nanoTime());
                if (first && !line.startsWith(FIRST)) {
                    throw new CommandFailedException(
                            base + " answered with something else than a Reverb server does: " + shown(line));
                }
                first = false;
                if (!line.isEmpty()) {
                    out.println(shown(line));
                    if (out.checkError()) {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            if (System.nanoTime() - last.get() < SILENCE.toNanos()) {
                throw new CommandFailedException(base + " ended the stream: " + e.getMessage());
            }
            throw new CommandFailedException(
                    base + " has sent no sign of life for " + SILENCE.toSeconds() + " s; the connection is lost");
        } finally {
            watch.interrupt();
        }
        throw new CommandFailedException(base + " ended the stream: it has stopped, or no longer takes this secret");
    }

    private static void endWhenSilent(InputStream body, AtomicLong last) {
        try {
            while (System.nanoTime() - last.get() < SILENCE.toNanos()) {
                Thread.sleep(Duration.ofSeconds(1));
            }
            body.close();
        } catch (InterruptedException | IOException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What clients send is in the lines: nothing in it is to be a command of the terminal. */
    static String shown(String line) {
        StringBuilder shown = new StringBuilder(line.length());
        line.chars().forEach(c -> shown.append(TextLines.harmful((char) c) && c != '\t' ? '?' : (char) c));
        return shown.toString();
    }
}
