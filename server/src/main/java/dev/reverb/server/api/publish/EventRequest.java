package dev.reverb.server.api.publish;

import dev.reverb.model.App;
import dev.reverb.model.ChannelNames;
import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.api.exchange.Attributes;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.config.ServerConfig.LimitsConfig;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.ChannelNameRules;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.resume.Keeping;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event that a back end wants published.
 *
 * @param channels where to, in the order given
 * @param publications one for each
 * @param info attributes asked for; empty for none
 */
record EventRequest(List<String> channels, List<Publication> publications, Attributes info) {

    /** Characters of a wrong name that an answer repeats. */
    private static final int SHOWN = 100;
    private static final int NAME = 0;
    private static final int DATA = 1;
    private static final int CHANNELS = 2;
    private static final int CHANNEL = 3;
    private static final int SOCKET_ID = 4;
    private static final int INFO = 5;
    /** Where the key of the request stands in a {@link #scanner}. */
    static final int IDEMPOTENCY_KEY = 6;

    /** A request that is refused, with its answer. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        private final transient ApiReply reply;

        Refused(ApiReply reply) {
            super(reply.toString(), null, false, false);
            this.reply = reply;
        }

        ApiReply reply() {
            return reply;
        }
    }

    static JsonObjectScanner scanner() {
        return new JsonObjectScanner("name", "data", "channels", "channel", "socket_id", "info", "idempotency_key");
    }

    /**
     * Reads an event from {@code body[from, to)}.
     *
     * @param field how the fields are called in a refusal: {@code ""}, or {@code batch.0.}
     * @param several whether {@code channels} is allowed, not only {@code channel}
     * @param invalid takes the fields that are wrong
     * @return null when some are
     * @throws Refused for what is wrong with the whole: no JSON, or more data than is allowed
     */
    static @Nullable EventRequest read(JsonObjectScanner scanner, byte[] body, int from, int to, App app,
            LimitsConfig limits, String field, boolean several, InvalidFields invalid) throws Refused {
        if (!scanner.scan(body, from, to)) {
            if (field.isEmpty()) {
                throw new Refused(ApiReply.error(400, "The body is not a JSON object"));
            }
            invalid.add(field.substring(0, field.length() - 1), "must be an object");
            return null;
        }
        int before = invalid.size();
        String name = scanner.string(NAME);
        if (name == null || name.isEmpty()) {
            invalid.add(field + "name", scanner.hasValue(NAME) ? "must be a string that is not empty" : "is required");
        } else if (name.length() > limits.maxEventNameLength()) {
            invalid.add(field + "name", "has " + name.length() + " characters; at most " + limits.maxEventNameLength()
                    + " are allowed (limits.max_event_name_length)");
        }
        data(scanner, app, field, invalid);
        List<String> channels = channels(scanner, body, field, several, limits, invalid);
        for (String channel : channels) {
            String wrong = ChannelNameRules.wrong(channel, app.channelNames() == ChannelNames.ANY);
            if (wrong != null) {
                invalid.add(field + (several && scanner.hasValue(CHANNELS) ? "channels" : "channel"),
                        "contains an invalid channel name, '" + shown(channel) + "': " + wrong);
            }
        }
        long exclude = exclude(scanner, field, invalid);
        Attributes info = Attributes.NONE;
        if (scanner.hasValue(INFO)) {
            String attributes = scanner.string(INFO);
            if (attributes == null) {
                invalid.add(field + "info", "must be a string");
            } else {
                info = Attributes.parse(attributes);
            }
        }
        if (invalid.size() > before) {
            return null;
        }
        byte[] rawName = scanner.raw(NAME);
        List<Publication> publications = new ArrayList<>(channels.size());
        for (String channel : channels) {
            byte[] message = Messages.event(rawName, channel, body, scanner.start(DATA), scanner.end(DATA));
            long cache = ChannelKind.of(channel).cache() ? app.cacheTtl().toMillis() : 0;
            publications.add(new Publication(new ChannelId(app.id(), channel), message, exclude, cache,
                    Keeping.of(app, channel), 0));
        }
        return new EventRequest(channels, publications, info);
    }

    private static void data(JsonObjectScanner scanner, App app, String field, InvalidFields invalid) throws Refused {
        if (scanner.type(DATA) != '"') {
            invalid.add(field + "data", scanner.hasValue(DATA) ? "must be a string" : "is required");
            return;
        }
        boolean maybe = scanner.end(DATA) - scanner.start(DATA) - 2 > app.maxEventSize();
        int size = maybe ? scanner.decodedSize(DATA) : 0;
        if (size > app.maxEventSize()) {
            throw new Refused(ApiReply.error(413, field + "data has " + size + " bytes; at most " + app.maxEventSize()
                    + " are allowed (max_event_size of the application)"));
        }
    }

    private static List<String> channels(JsonObjectScanner scanner, byte[] body, String field, boolean several,
            LimitsConfig limits, InvalidFields invalid) {
        if (!several || !scanner.hasValue(CHANNELS)) {
            String channel = scanner.string(CHANNEL);
            if (channel == null) {
                invalid.add(field + "channel", scanner.hasValue(CHANNEL) ? "must be a string"
                        : several ? "is required when channels is not there" : "is required");
                return List.of();
            }
            return List.of(channel);
        }
        List<int[]> elements = scanner.elements(CHANNELS);
        if (elements == null) {
            invalid.add(field + "channels", "must be an array of strings");
            return List.of();
        }
        if (elements.isEmpty()) {
            invalid.add(field + "channels", "must name at least one channel");
        } else if (elements.size() > limits.maxChannelsPerEvent()) {
            invalid.add(field + "channels", "has " + elements.size() + " names; at most " + limits.maxChannelsPerEvent()
                    + " are allowed (limits.max_channels_per_event)");
            return List.of();
        }
        List<String> channels = new ArrayList<>(elements.size());
        for (int[] element : elements) {
            if (body[element[0]] != '"') {
                invalid.add(field + "channels", "must be an array of strings");
                return List.of();
            }
            String channel = JsonObjectScanner.decode(body, element[0], element[1]);
            if (!channels.contains(channel)) {
                channels.add(channel);
            }
        }
        return channels;
    }

    /** Whom the event leaves out; 0 for nobody, and for text that is no id of a connection, as in Reverb. */
    private static long exclude(JsonObjectScanner scanner, String field, InvalidFields invalid) {
        if (!scanner.hasValue(SOCKET_ID)) {
            return 0;
        }
        String text = scanner.string(SOCKET_ID);
        if (text == null) {
            invalid.add(field + "socket_id", "must be a string");
            return 0;
        }
        Long id = SocketId.parse(text);
        return id == null ? 0 : id;
    }

    /** Enough of a name to find it again. */
    private static String shown(String channel) {
        return channel.length() <= SHOWN ? channel : channel.substring(0, SHOWN) + "…";
    }
}
