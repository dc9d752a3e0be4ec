package dev.reverb.server.transport;

import dev.reverb.server.app.AcceptClientEvents;
import dev.reverb.server.app.App;
import dev.reverb.server.app.ChannelNames;
import dev.reverb.server.channel.Subscription;
import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.ChannelNameRules;
import dev.reverb.server.protocol.ConstantTime;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.SocketId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a client's message makes the server do. Stateless; runs on the connection's loop. */
final class ClientMessages {

    private static final int EVENT = 0;
    private static final int CHANNEL = 1;
    private static final int DATA = 2;

    private static final int D_CHANNEL = 0;
    private static final int D_AUTH = 1;
    private static final int D_CHANNEL_DATA = 2;
    private static final int D_USER_DATA = 3;

    private static final String CLIENT_PREFIX = "client-";

    private ClientMessages() {}

    static void handle(Connection connection, byte[] bytes, int length) {
        JsonObjectScanner message = connection.loopContext().clientMessage();
        if (!message.scan(bytes, 0, length)) {
            connection.error(ProtocolError.INVALID_MESSAGE);
            return;
        }
        String event = message.string(EVENT);
        if (event == null || event.isEmpty()) {
            connection.error(ProtocolError.INVALID_MESSAGE);
        } else if (event.startsWith(CLIENT_PREFIX)) {
            clientEvent(connection, message, bytes, event);
        } else if (event.startsWith("pusher:")) {
            command(connection, message, bytes, event);
        }
        // Anything else is no business of a client's; Reverb ignores it too.
    }

    private static void command(Connection connection, JsonObjectScanner message, byte[] bytes, String event) {
        switch (event) {
            case "pusher:ping" -> connection.send(Messages.PONG);
            case "pusher:pong" -> {
            }
            case "pusher:subscribe", "pusher:unsubscribe", "pusher:signin" -> {
                byte[] data = data(message, bytes);
                JsonObjectScanner fields = connection.loopContext().commandData();
                if (data == null || !fields.scan(data, 0, data.length)) {
                    connection.error(ProtocolError.INVALID_MESSAGE);
                    return;
                }
                switch (event) {
                    case "pusher:subscribe" -> subscribe(connection, fields);
                    case "pusher:unsubscribe" -> unsubscribe(connection, fields);
                    default -> signIn(connection, fields);
                }
            }
            default -> connection.error(ProtocolError.INVALID_MESSAGE);
        }
    }

    /** The data as the bytes of a JSON object: as it stands, or out of the JSON string that it is written in. */
    private static byte @Nullable [] data(JsonObjectScanner message, byte[] bytes) {
        return switch (message.type(DATA)) {
            case '{' -> message.raw(DATA);
            case '"' -> JsonObjectScanner.decode(bytes, message.start(DATA), message.end(DATA))
                    .getBytes(StandardCharsets.UTF_8);
            default -> null;
        };
    }

    private static void subscribe(Connection connection, JsonObjectScanner fields) {
        App app = connection.app();
        String channel = fields.string(D_CHANNEL);
        if (channel == null || channel.isEmpty()) {
            connection.error(ProtocolError.INVALID_MESSAGE);
            return;
        }
        ChannelKind kind = ChannelKind.of(channel);
        String wrong = wrongName(app, channel, kind);
        if (wrong != null) {
            connection.error(ProtocolError.INVALID_MESSAGE.code(), wrong);
            return;
        }
        if (kind == ChannelKind.USER) {
            PresenceMember user = connection.user();
            if (user == null || !channel.equals(ChannelKind.USER_PREFIX + user.userId())) {
                connection.error(ProtocolError.UNAUTHORIZED);
                return;
            }
        }
        String channelData = kind.presence() ? fields.string(D_CHANNEL_DATA) : null;
        if (kind.guarded() && !authorised(connection, fields.string(D_AUTH),
                signed(connection, channel, fields.string(D_CHANNEL_DATA)))) {
            connection.error(ProtocolError.UNAUTHORIZED);
            return;
        }
        PresenceMember member = null;
        if (channelData != null) {
            member = PresenceMember.parse(channelData.getBytes(StandardCharsets.UTF_8));
            if (member == null) {
                connection.error(ProtocolError.INVALID_MESSAGE.code(), "channel_data of " + channel
                        + " is no JSON object with a user_id that is a string or a number");
                return;
            }
            String over = overMemberLimits(app, member);
            if (over != null) {
                connection.error(ProtocolError.INVALID_MESSAGE.code(), over);
                return;
            }
        } else if (kind.presence()) {
            member = connection.user();
        }
        begin(connection, channel, member);
    }

    private static void begin(Connection connection, String channel, @Nullable PresenceMember member) {
        Subscription existing = connection.subscription(channel);
        if (existing != null && Objects.equals(existing.member(), member)) {
            connection.node().channels().greetAgain(existing);
            return;
        }
        if (existing != null) { // another member on the same connection: the one before has left
            connection.remove(existing);
        }
        int max = connection.node().config().limits().maxSubscriptions();
        if (connection.subscriptionCount() >= max) {
            connection.error(ProtocolError.OVER_CAPACITY.code(),
                    "Too many channels on one connection: at most " + max + " (limits.max_subscriptions)");
            return;
        }
        Subscription subscription = connection.node()
                .channels()
                .subscribe(connection.appChannels(), channel, connection, member);
        if (subscription == null) {
            byte[] data = new JsonWriter(128)
                    .ascii("{\"type\":\"LimitReached\",\"error\":\"The channel has as many members as it may "
                            + "have\",\"status\":4004}")
                    .toBytes();
            connection.send(Messages.internal("pusher:subscription_error", channel, data));
        } else {
            connection.add(subscription);
        }
    }

    private static @Nullable String wrongName(App app, String channel, ChannelKind kind) {
        if (app.channelNames() == ChannelNames.ANY) {
            return ChannelNameRules.any(channel) ? null
                    : "Invalid channel name: 1 to " + ChannelNameRules.MAX_LENGTH_ANY + " characters are allowed";
        }
        return kind == ChannelKind.USER ? ChannelNameRules.any(channel) ? null : "Invalid channel name"
                : ChannelNameRules.pusher(channel) ? null
                        : "Invalid channel name: 1 to " + ChannelNameRules.MAX_LENGTH
                                + " of A-Z a-z 0-9 _ - = @ , . ; are allowed";
    }

    private static @Nullable String overMemberLimits(App app, PresenceMember member) {
        if (member.channelData().length > app.maxPresenceMemberSize()) {
            return "channel_data has " + member.channelData().length + " bytes; at most " + app.maxPresenceMemberSize()
                    + " are allowed (max_presence_member_size)";
        }
        if (member.userId().length() > app.maxPresenceUserIdLength()) {
            return "user_id has " + member.userId().length() + " characters; at most " + app.maxPresenceUserIdLength()
                    + " are allowed (max_presence_user_id_length)";
        }
        return null;
    }

    private static String signed(Connection connection, String channel, @Nullable String channelData) {
        String text = SocketId.format(connection.socketId()) + ":" + channel;
        return channelData == null ? text : text + ":" + channelData;
    }

    private static boolean authorised(Connection connection, @Nullable String auth, String text) {
        App app = connection.app();
        if (auth == null) {
            return false;
        }
        int colon = auth.indexOf(':');
        if (colon < 0 || !ConstantTime.equal(auth, 0, colon, app.key())) {
            return false;
        }
        String signature = auth.substring(colon + 1);
        for (String secret : app.secrets()) {
            if (connection.loopContext().signer(secret).verifies(text, signature)) {
                return true;
            }
        }
        return false;
    }

    private static void unsubscribe(Connection connection, JsonObjectScanner fields) {
        String channel = fields.string(D_CHANNEL);
        if (channel == null) {
            connection.error(ProtocolError.INVALID_MESSAGE);
            return;
        }
        Subscription subscription = connection.subscription(channel);
        if (subscription != null) {
            connection.remove(subscription);
        }
    }

    private static void signIn(Connection connection, JsonObjectScanner fields) {
        String userData = fields.string(D_USER_DATA);
        if (userData == null) {
            connection.error(ProtocolError.INVALID_MESSAGE);
            return;
        }
        String text = SocketId.format(connection.socketId()) + "::user::" + userData;
        if (!connection.app().userAuthentication() || !authorised(connection, fields.string(D_AUTH), text)) {
            connection.error(ProtocolError.UNAUTHORIZED);
            return;
        }
        PresenceMember user = UserData.parse(userData);
        PresenceMember before = connection.user();
        if (user == null) {
            connection.error(ProtocolError.INVALID_MESSAGE.code(), "user_data is no JSON object with an id");
        } else if (before != null && !before.userId().equals(user.userId())) {
            connection.error(ProtocolError.UNAUTHORIZED);
        } else {
            connection.signIn(user);
            connection.send(UserData.success(userData));
        }
    }

    private static void clientEvent(Connection connection, JsonObjectScanner message, byte[] bytes, String event) {
        String channel = message.string(CHANNEL);
        int longest = connection.node().config().limits().maxEventNameLength();
        if (channel == null || channel.isEmpty() || event.length() > longest) {
            connection.error(ProtocolError.INVALID_MESSAGE);
            return;
        }
        AcceptClientEvents accept = connection.app().acceptClientEventsFrom();
        if (accept == AcceptClientEvents.NONE) {
            connection.error(ProtocolError.CLIENT_EVENTS_DISABLED);
            return;
        }
        Subscription subscription = connection.subscription(channel);
        ChannelKind kind = ChannelKind.of(channel);
        boolean member = subscription != null;
        if (!member && (accept == AcceptClientEvents.MEMBERS || kind.guarded() || kind == ChannelKind.USER)) {
            connection.error(ProtocolError.NOT_A_MEMBER);
            return;
        }
        int from = message.has(DATA) ? message.start(DATA) : -1;
        int to = message.has(DATA) ? message.end(DATA) : -1;
        PresenceMember sender = subscription == null ? null : subscription.member();
        byte[] name = message.raw(EVENT);
        byte[] relayed = sender == null ? Messages.event(name, channel, bytes, from, to)
                : Messages.memberEvent(name, channel, bytes, from, to, sender.rawUserId());
        Publication publication = new Publication(new ChannelId(connection.appChannels().id(), channel), relayed,
                connection.socketId(), 0);
        if (!connection.node().channels().publish(List.of(publication), () -> {})) {
            connection.error(ProtocolError.OVER_CAPACITY);
        }
    }
}
