package dev.reverb.server.cli.client;

import dev.reverb.server.cli.command.Arguments;
import dev.reverb.server.cli.command.CliCommand;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.cli.command.Flag;
import dev.reverb.server.cli.command.Surroundings;
import dev.reverb.server.cli.command.UsageException;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Publishes one event by the signed HTTP API, as a back end would. */
public final class PublishCommand implements CliCommand {
    private static final Flag CHANNEL = Flag.of("--channel", "NAME", "Channel; several with commas.").needed();
    private static final Flag EVENT = Flag.of("--event", "NAME", "Name of the event.").needed();
    public static final Flag DATA = Flag.of("--data", "TEXT", "Data of the event, usually JSON ({}).");
    private static final Flag SOCKET_ID = Flag.of("--socket-id", "ID", "A connection that does not get the event.");
    /** What an answer has of one channel: nothing where nobody is subscribed. */
    private static final Pattern COUNT = Pattern.compile("\\{\\s*(?:\"subscription_count\"\\s*:\\s*(\\d+)\\s*)?}");

    @Override
    public String name() {
        return "publish";
    }

    @Override
    public List<String> help() {
        return List.of("Publishes one event by the signed HTTP API, as a back end would, and says whom it reached.",
                "Address and credentials come from the flags, else from the settings that a start here would use.");
    }

    @Override
    public List<Flag> flags() {
        List<Flag> flags = new ArrayList<>(List.of(CHANNEL, EVENT, DATA, SOCKET_ID));
        flags.addAll(ServerAddress.FLAGS);
        return flags;
    }

    @Override
    public List<String> examples() {
        return List.of("reverb publish --channel orders --event shipped --data '{\"id\":7}'",
                "REVERB_APP_SECRET=... reverb publish --channel orders --event shipped --url https://ws.example.com \\",
                "    --app-id shop --key shop-key");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) throws InterruptedException {
        List<String> channels = channels(arguments);
        String event = event(arguments);
        Surroundings surroundings = Surroundings.of(arguments);
        Credentials credentials = Credentials.of(arguments, surroundings);
        URI base = ServerAddress.of(arguments, surroundings);
        HttpResponse<String> response;
        try {
            response = new SignedRequest(base, credentials.key(), credentials.secret(), ServerAddress.trust(arguments))
                    .post("/apps/" + credentials.id() + "/events", body(arguments, event, channels));
        } catch (IOException e) {
            throw new CommandFailedException(ConnectionProblem.say(base, e));
        }
        if (response.statusCode() != 200) {
            throw new CommandFailedException(ConnectionProblem.refused(base, response.statusCode(),
                    response.body().getBytes(StandardCharsets.UTF_8)));
        }
        out.println("Published " + event + " to " + reached(channels, response.body()));
        return 0;
    }

    /** @throws UsageException for a name that no back end may publish */
    private static String event(Arguments arguments) {
        String event = arguments.find(EVENT.name()).orElseThrow();
        if (event.startsWith("pusher:") || event.startsWith("pusher_internal:")) {
            throw new UsageException("--event: \"" + event + "\" is not allowed: names that begin with pusher: or "
                    + "pusher_internal: are the protocol's own, and clients take them for the server's word");
        }
        return event;
    }

    private static List<String> channels(Arguments arguments) {
        List<String> channels = List.of(arguments.find(CHANNEL.name()).orElseThrow().split(","));
        String data = arguments.find(DATA.name()).orElse("{}");
        for (String channel : channels) {
            if (channel.startsWith("private-encrypted-")
                    && !(data.contains("\"nonce\"") && data.contains("\"ciphertext\""))) {
                throw new UsageException("--channel: " + channel + " takes encrypted data only, and clients drop the "
                        + "rest; publish to it with a server library that has the encryption master key");
            }
        }
        return channels;
    }

    private static String body(Arguments arguments, String event, List<String> channels) {
        JsonWriter body = new JsonWriter(256).ascii("{\"name\":").string(event).ascii(",\"channels\":[");
        String separator = "";
        for (String channel : channels) {
            body.ascii(separator).string(channel);
            separator = ",";
        }
        body.ascii("],\"info\":\"subscription_count\",\"data\":").string(arguments.find(DATA.name()).orElse("{}"));
        arguments.find(SOCKET_ID.name()).ifPresent(id -> body.ascii(",\"socket_id\":").string(id));
        return new String(body.ascii("}").toBytes(), StandardCharsets.UTF_8);
    }

    /** Whom an event reached, by the counts in {@code answer}, which has the channels in the order that was asked. */
    public static String reached(List<String> channels, String answer) {
        List<Long> counts = new ArrayList<>();
        Matcher matcher = COUNT.matcher(answer);
        while (matcher.find()) {
            counts.add(matcher.group(1) == null ? 0 : Long.valueOf(matcher.group(1)));
        }
        String where = channels.size() == 1 ? "1 channel" : channels.size() + " channels";
        boolean counted = answer.contains("\"channels\"") && counts.size() == channels.size()
                && channels.stream().noneMatch(channel -> ChannelKind.of(channel).presence());
        if (!counted) { // by a server that does not count, or of members and not of connections
            return where;
        }
        List<String> each = new ArrayList<>();
        for (int i = 0; i < channels.size(); i++) {
            each.add(channels.get(i) + " has " + (counts.get(i) == 0 ? "no subscribers"
                    : counts.get(i) == 1 ? "1 subscriber" : counts.get(i) + " subscribers"));
        }
        return where + ": " + String.join(", ", each);
    }
}
